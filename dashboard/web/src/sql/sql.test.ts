import { describe, expect, it } from 'vitest';
import { readExact } from './exact';
import {
  hasRoom,
  HISTORY_MAX,
  isEdited,
  KEPT_CHARS_MAX,
  nameOf,
  readKept,
  restored,
  withKept,
  without,
  type Kept,
} from './kept';
import { isBroken, linkHash, sqlOfHash } from './link';
import { chartPicks, placesOf } from './picks';
import { parseSpan, spanText } from './spans';
import { decimalsOf, fileName, kindOf, valueText } from './values';

describe('the workbench', () => {
  it('tells kinds of columns by their PostgreSQL type', () => {
    expect(
      ['bigint', 'double precision', 'timestamp with time zone', 'date', 'boolean', 'text[]', 'interval'].map(kindOf),
    ).toEqual(['integer', 'number', 'time', 'date', 'boolean', 'text', 'interval']);
  });

  it('writes values as each language does', () => {
    expect(valueText(1234567, 'bigint', 'vi')).toBe('1.234.567');
    expect(valueText(-29.4, 'double precision', 'en')).toBe('−29.4');
    expect(valueText('2021-11-27', 'date', 'vi')).toBe('27/11/2021');
    expect(valueText('2021-11-27T14:32:05+07:00', 'timestamp with time zone', 'en')).toBe('27 Nov 2021 14:32:05');
    expect(valueText(null, 'text', 'vi')).toBe('–');
  });

  it('writes numbers of a column with as many decimals, and none as nothing', () => {
    expect(decimalsOf([[22], [28.25], [0.1]], 0)).toBe(2);
    expect(valueText(22, 'double precision', 'vi', 2)).toBe('22,00');
    expect(valueText(1e-9, 'double precision', 'vi')).toBe('1,00e-9');
    expect(valueText('12345678901234567', 'bigint', 'vi')).toBe('12.345.678.901.234.567');
    expect(valueText('-12345678901234567', 'bigint', 'en')).toBe('−12,345,678,901,234,567');
  });

  it('reads lengths of time however they are written', () => {
    expect(parseSpan('P1DT2H')).toEqual({ months: 0, seconds: 93_600 });
    expect(parseSpan('1 mons 2 days 3 hours')).toEqual({ months: 1, seconds: 183_600 });
    expect(parseSpan('soon')).toBeNull();
    expect(spanText({ months: 0, seconds: -230_567 }, 'vi')).toBe('−2 ngày 16:02:47');
    expect(spanText({ months: 0, seconds: 1.5 }, 'vi')).toBe('00:00:01,5');
    expect(valueText('P0D', 'interval', 'en')).toBe('00:00:00');
  });

  it('keeps numbers that a double cannot hold as they were written', () => {
    const read = (text: string) => readExact(`[${text}]`);
    expect(read('12345678901234567,-9007199254740993')).toEqual(['12345678901234567', '-9007199254740993']);
    expect(read('9007199254740991,7,1e300,0.1234567890123456,0.00001234567890123456789')).toEqual([
      9007199254740991,
      7,
      1e300,
      0.1234567890123456,
      '0.00001234567890123456789',
    ]);
    expect(read('1.50000000000000000000')).toEqual([1.5]);
    expect(read(String.raw`"12345678901234567","a\"12345678901234567\\",12345678901234567`)).toEqual([
      '12345678901234567',
      String.raw`a"12345678901234567` + '\\',
      '12345678901234567',
    ]);
    expect(readExact('{"rows":[[1,"a"]]}')).toEqual({ rows: [[1, 'a']] });
  });

  it('writes long numbers with all of their digits', () => {
    expect(valueText(1634270400123, 'bigint', 'vi')).toBe('1.634.270.400.123');
    expect(valueText(9007199254740991, 'bigint', 'en')).toBe('9,007,199,254,740,991');
    expect(valueText('18446744073709551615', 'numeric', 'en')).toBe('18,446,744,073,709,551,615');
    expect(valueText('-1234567890123456.25', 'numeric', 'vi')).toBe('−1.234.567.890.123.456,25');
    expect(valueText(1634270400.1234, 'double precision', 'en')).toBe('1,634,270,400.1234');
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
    const both = [...columns, { name: 'h3_9', type: 'text' }];
    const cell = '88415a4939fffff';
    expect(placesOf({ columns: both, rows: [[21, 105, cell]] })).toEqual({ cell: 2 });
    expect(
      placesOf({
        columns: both,
        rows: [
          [21, 105, cell],
          [21.001, 105, cell],
        ],
      }),
    ).toEqual({ lat: 0, lon: 1 });
  });

  it('carries a Vietnamese query in a link and refuses a broken one', () => {
    const sql = "SELECT 'Hoàng Mai' -- 🏥";
    expect(sqlOfHash(linkHash(sql))).toBe(sql);
    expect(sqlOfHash('#q=%%')).toBeNull();
    expect(sqlOfHash('#other')).toBeNull();
    expect([isBroken('#q=%%'), isBroken('#other'), isBroken(linkHash(sql))]).toEqual([true, false, false]);
  });

  it('keeps history short, and each query once', () => {
    let list: Kept[] = [];
    for (let at = 0; at < 80; at += 1) list = withKept(list, { name: '', sql: `SELECT ${at}`, atMs: at }, HISTORY_MAX);
    expect(list.length).toBe(HISTORY_MAX);
    expect(withKept(list, { name: '', sql: 'SELECT 79', atMs: 99 }, HISTORY_MAX).length).toBe(HISTORY_MAX);
    expect(readKept('{broken', 5)).toEqual([]);
  });

  it('brings back what was deleted, and keeps what came since', () => {
    const made = (atMs: number): Kept => ({ name: `q${atMs}`, sql: `SELECT ${atMs}`, atMs });
    const list = [made(3), made(2), made(1)];
    const gone = list[1] as Kept;
    const since = withKept(without(list, gone), made(4), 10);
    expect(restored(since, [gone], 10).map(({ atMs }) => atMs)).toEqual([4, 3, 2, 1]);
    expect(restored([made(4)], list, 3).map(({ atMs }) => atMs)).toEqual([4, 3, 2]);
    expect(without(list, null)).toEqual([]);
  });

  it('calls a query by its own first remark, and knows it when a part of it is changed', () => {
    expect(nameOf('-- Ca ở chợ\nSELECT 1')).toBe('Ca ở chợ');
    expect(nameOf(' SELECT\n  1 ')).toBe('SELECT 1');
    expect(isEdited("SELECT a FROM b WHERE c = '007'", "SELECT a FROM b WHERE c = '001'")).toBe(true);
    expect(isEdited('SELECT cell FROM hex_risk', 'WITH x AS (SELECT 1) TABLE x')).toBe(false);
  });

  it('names files by the moment they are true for', () => {
    expect(fileName('2021-11-27T14:32:05+07:00', 'csv')).toBe('vonglau-2021-11-27T143205.csv');
  });

  it('keeps no more letters than a browser does, and lets go of nothing that was saved', () => {
    const long = (name: string): Kept => ({ name, sql: name.repeat(KEPT_CHARS_MAX / 2), atMs: 0 });
    const held = [long('a'), long('b')];
    expect(withKept(held, long('c'), HISTORY_MAX).map(({ name }) => name)).toEqual(['c', 'a']);
    expect(hasRoom(held, long('c'), HISTORY_MAX)).toBe(false);
    expect(hasRoom(held, long('a'), HISTORY_MAX)).toBe(true);
    expect(hasRoom([], { name: 'x', sql: 'x'.repeat(KEPT_CHARS_MAX + 1), atMs: 0 }, HISTORY_MAX)).toBe(false);
    expect(hasRoom(held.slice(0, 1), long('b'), 1)).toBe(false);
  });
});
