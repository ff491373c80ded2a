import { describe, expect, it } from 'vitest';
import { cellColumns, cellOf } from './hexes';
import { chartPicks, placesIn } from './picks';
import type { Value } from './types';

const CELL = '88415a4939fffff';
const WHOLE = String(BigInt(`0x${CELL}`));
const columnsOf = (...types: string[]) => types.map((type, nth) => ({ name: `c${nth}`, type }));
const oneColumn = (values: Value[], type = 'bigint') => ({
  columns: columnsOf(type),
  rows: values.map((value) => [value]),
});

describe('H3 cells', () => {
  it('are told as text and as whole numbers, of each resolution', () => {
    expect([cellOf(CELL), cellOf(WHOLE)]).toEqual([CELL, CELL]);
    for (const cell of ['8041fffffffffff', '8f415a493800000']) {
      expect(cellOf(String(BigInt(`0x${cell}`))), cell).toBe(cell);
    }
  });

  it('are no other numbers, nor texts', () => {
    const edge = '115415a4939fffff';
    const wrongDigit = '88415a4939ffff0';
    for (const hex of [edge, wrongDigit, '88ff5a4939fffff', 'fffffffffffffff', '5']) {
      expect([cellOf(hex), cellOf(String(BigInt(`0x${hex}`)))], hex).toEqual([null, null]);
    }
    expect([12, '613196570331971583000', `0000${CELL}`, '', null, true, [CELL]].map(cellOf)).toEqual(
      Array.from({ length: 7 }, () => null),
    );
  });

  it('make a column of cells also where it begins with rows without one', () => {
    const late: Value[] = [...Array.from({ length: 5_000 }, () => null), WHOLE, null, WHOLE];
    expect(cellColumns(oneColumn(late))).toEqual([0]);
    expect(cellColumns(oneColumn([...late, '12345678901234567']))).toEqual([]);
    expect(cellColumns(oneColumn([null, null]))).toEqual([]);
    expect(cellColumns(oneColumn([null, CELL], 'text'))).toEqual([0]);
    expect(cellColumns(oneColumn([...Array.from({ length: 10_000 }, () => null), WHOLE]))).toEqual([]);
  });

  it('and places are all offered for the map, the one that tells rows apart first', () => {
    const names = ['home', 'work', 'lat', 'lon'];
    const columns = names.map((name, nth) => ({ name, type: nth === 0 ? 'text' : nth === 1 ? 'bigint' : 'real' }));
    const row: Value[] = [CELL, WHOLE, 21, 105.8];
    expect(placesIn({ columns, rows: [row] })).toEqual([{ cell: 0 }, { cell: 1 }, { lat: 2, lon: 3 }]);
    expect(placesIn({ columns, rows: [row, row] })).toEqual([{ lat: 2, lon: 3 }, { cell: 0 }, { cell: 1 }]);
    expect(placesIn({ columns: columns.slice(0, 2), rows: [row, row] })).toEqual([{ cell: 0 }, { cell: 1 }]);
    expect(placesIn(oneColumn([7]))).toEqual([]);
  });

  it('are what a chart stands along, not what it counts', () => {
    const columns = columnsOf('bigint', 'bigint');
    expect(chartPicks({ columns, rows: [[3, WHOLE]] })).toEqual({ kind: 'bar', x: 1, ys: [0], by: null });
  });
});
