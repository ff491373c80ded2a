import { describe, expect, it } from 'vitest';
import { HISTORY_MAX, readKept, withKept, type Kept } from './kept';
import { linkHash, sqlOfHash } from './link';
import { chartPicks, placesOf } from './picks';
import { fileName, kindOf, valueText } from './values';

describe('the workbench', () => {
  it('tells kinds of columns by their PostgreSQL type', () => {
    expect(
      ['bigint', 'double precision', 'timestamp with time zone', 'date', 'boolean', 'text[]', 'interval'].map(kindOf),
    ).toEqual(['integer', 'number', 'time', 'date', 'boolean', 'text', 'text']);
  });

  it('writes values as each language does', () => {
    expect(valueText(1234567, 'bigint', 'vi')).toBe('1.234.567');
    expect(valueText(-29.4, 'double precision', 'en')).toBe('−29.4');
    expect(valueText('2021-11-27', 'date', 'vi')).toBe('27/11/2021');
    expect(valueText('2021-11-27T14:32:05+07:00', 'timestamp with time zone', 'en')).toBe('27 Nov 2021 14:32:05');
    expect(valueText(null, 'text', 'vi')).toBe('–');
  });

  it('draws counts by day as an epi curve and leaves delays out', () => {
    const columns = [
      { name: 'ngay', type: 'date' },
      { name: 'ca', type: 'bigint' },
      { name: 'cham_gio', type: 'double precision' },
    ];
    expect(chartPicks({ columns, rows: [['2021-11-27', 3, 22]] })).toEqual({ kind: 'epi', x: 0, ys: [1], by: null });
    expect(chartPicks({ columns: [{ name: 'a', type: 'text' }], rows: [['x']] })).toBeNull();
  });

  it('finds cells by what they hold and places by their names', () => {
    expect(placesOf({ columns: [{ name: 'o', type: 'text' }], rows: [['88415a4939fffff']] })).toEqual({ cell: 0 });
    const columns = [
      { name: 'lat', type: 'double precision' },
      { name: 'lon', type: 'double precision' },
    ];
    expect(placesOf({ columns, rows: [[21, 105]] })).toEqual({ lat: 0, lon: 1 });
  });

  it('carries a Vietnamese query in a link and refuses a broken one', () => {
    const sql = "SELECT 'Hoàng Mai' -- 🏥";
    expect(sqlOfHash(linkHash(sql))).toBe(sql);
    expect(sqlOfHash('#q=%%')).toBeNull();
    expect(sqlOfHash('#other')).toBeNull();
  });

  it('keeps history short, and each query once', () => {
    let list: Kept[] = [];
    for (let at = 0; at < 80; at += 1) list = withKept(list, { name: '', sql: `SELECT ${at}`, atMs: at }, HISTORY_MAX);
    expect(list.length).toBe(HISTORY_MAX);
    expect(withKept(list, { name: '', sql: 'SELECT 79', atMs: 99 }, HISTORY_MAX).length).toBe(HISTORY_MAX);
    expect(readKept('{broken', 5)).toEqual([]);
  });

  it('names files by the moment they are true for', () => {
    expect(fileName('2021-11-27T14:32:05+07:00', 'csv')).toBe('vonglau-2021-11-27T143205.csv');
  });
});
