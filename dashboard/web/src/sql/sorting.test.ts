import { describe, expect, it } from 'vitest';
import { nextSort, sortedRows } from './sorting';
import type { Value } from './types';

const ordered = (type: string, values: Value[], down = false): Value[] =>
  sortedRows(
    values.map((value) => [value]),
    [{ name: 'c', type }],
    { column: 0, down },
  ).map(([value]) => value ?? null);

describe('sorting the table', () => {
  it('goes up, down, and back to the rows as they came', () => {
    const up = nextSort(null, 2);
    const down = nextSort(up, 2);
    expect([up, down, nextSort(down, 2)]).toEqual([{ column: 2, down: false }, { column: 2, down: true }, null]);
    expect(nextSort(down, 1)).toEqual({ column: 1, down: false });
    const rows = [[2], [1]];
    expect(sortedRows(rows, [{ name: 'c', type: 'bigint' }], null)).toBe(rows);
  });

  it('takes numbers as numbers, also those too long for a double', () => {
    expect(ordered('bigint', [10, 9, -1, 100])).toEqual([-1, 9, 10, 100]);
    expect(ordered('double precision', [0.5, -2, 10])).toEqual([-2, 0.5, 10]);
    expect(ordered('bigint', ['12345678901234568', '12345678901234567', 3])).toEqual([
      3,
      '12345678901234567',
      '12345678901234568',
    ]);
  });

  it('takes times, days and lengths of time by how they follow one another', () => {
    expect(
      ordered('timestamp with time zone', [
        '2021-11-27T08:00:00+07:00',
        '2021-11-27T00:30:00Z',
        '2020-01-01T00:00:00Z',
      ]),
    ).toEqual(['2020-01-01T00:00:00Z', '2021-11-27T00:30:00Z', '2021-11-27T08:00:00+07:00']);
    expect(ordered('date', ['2021-11-27', '2021-02-03'])).toEqual(['2021-02-03', '2021-11-27']);
    expect(ordered('interval', ['P2D', '-PT90S', '3 hours', '1 mons'])).toEqual(['-PT90S', '3 hours', 'P2D', '1 mons']);
  });

  it('takes Vietnamese text as a dictionary does', () => {
    expect(ordered('text', ['Đống Đa', 'Ba Đình', 'Ứng Hòa', 'Thanh Trì', 'Ân Thi', 'Cầu Giấy', 'Dương Nội'])).toEqual([
      'Ân Thi',
      'Ba Đình',
      'Cầu Giấy',
      'Dương Nội',
      'Đống Đa',
      'Thanh Trì',
      'Ứng Hòa',
    ]);
  });

  it('leaves what is not known last, whichever way', () => {
    expect(ordered('bigint', [null, 2, null, 1])).toEqual([1, 2, null, null]);
    expect(ordered('bigint', [null, 2, null, 1], true)).toEqual([2, 1, null, null]);
    expect(ordered('text', [null, 'b', 'a'], true)).toEqual(['b', 'a', null]);
    expect(ordered('boolean', [true, null, false])).toEqual([false, true, null]);
  });

  it('leaves rows alike as they came, both ways', () => {
    const rows: Value[][] = [
      ['x', 1],
      ['y', 1],
      ['z', 0],
    ];
    const columns = [
      { name: 'a', type: 'text' },
      { name: 'n', type: 'bigint' },
    ];
    const names = (down: boolean): unknown[] => sortedRows(rows, columns, { column: 1, down }).map(([name]) => name);
    expect(names(false)).toEqual(['z', 'x', 'y']);
    expect(names(true)).toEqual(['x', 'y', 'z']);
  });
});
