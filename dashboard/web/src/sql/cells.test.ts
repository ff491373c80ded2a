import { describe, expect, it } from 'vitest';
import { blockOf, blockText, csvText, HEAD_ROW, moved, numbersIn, tableText } from './cells';
import type { Value } from './types';

const extent = { rows: 10, columns: 3, page: 4 };
const key = (name: string, far = false) => ({ key: name, ctrlKey: far, metaKey: false });
const rows: Value[][] = [
  ['Hoàng Mai', 2, null],
  ['Chợ\tHôm\nmới', 3.5, [1, 2]],
];

describe('cells of the table', () => {
  it('are walked by keys, never past the edges, up to the names', () => {
    expect(moved({ row: 0, column: 0 }, key('ArrowLeft'), extent)).toEqual({ row: 0, column: 0 });
    expect(moved({ row: 0, column: 1 }, key('ArrowUp'), extent)).toEqual({ row: HEAD_ROW, column: 1 });
    expect(moved({ row: 8, column: 1 }, key('PageDown'), extent)).toEqual({ row: 9, column: 1 });
    expect(moved({ row: 2, column: 1 }, key('PageUp'), extent)).toEqual({ row: 0, column: 1 });
    expect(moved({ row: 2, column: 1 }, key('End', true), extent)).toEqual({ row: 9, column: 2 });
    expect(moved({ row: 2, column: 1 }, key('x'), extent)).toBeNull();
  });

  it('are copied alone as they came, and together by tabs and lines', () => {
    const from = { row: 1, column: 1 };
    expect(blockText(rows, blockOf(from, from))).toBe('3.5');
    expect(blockText(rows, blockOf({ row: 1, column: 2 }, { row: 0, column: 0 }))).toBe(
      'Hoàng Mai\t2\t\nChợ Hôm mới\t3.5\t[1,2]',
    );
    expect(tableText([{ name: 'a', type: 'text' }], [['x'], ['y']])).toBe('a\nx\ny');
  });

  it('are written as CSV, quoted where a value would break its line', () => {
    const columns = ['a', 'b, c'].map((name) => ({ name, type: 'text' }));
    const held: Value[][] = [
      ['Chợ "Hôm"', null],
      ['hai\ndòng', 2.5],
    ];
    expect(csvText(columns, held)).toBe('a,"b, c"\n"Chợ ""Hôm""",\n"hai\ndòng",2.5\n');
  });

  it('give their numbers for a sum', () => {
    const columns = ['text', 'numeric', 'text'].map((type) => ({ name: 'c', type }));
    const long: Value[][] = [['12345678901234567', '12345678901234568', null]];
    expect(numbersIn(columns, long, { top: 0, left: 0, bottom: 0, right: 2 })).toEqual([12345678901234568]);
    expect(numbersIn(columns, rows, { top: 0, left: 0, bottom: 1, right: 2 })).toEqual([2, 3.5]);
  });
});
