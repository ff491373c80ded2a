import { describe, expect, it } from 'vitest';
import { Plane } from '../lib/map/plane';
import { bandsOf, colourOf, marksOf, numbersOf, rampOf } from './marks';
import type { Value } from './types';

const plane = new Plane(21, 105.8);
const cells = (values: Value[]): Value[][] => values.map((value) => ['88415a4939fffff', value]);

describe('rows on the map', () => {
  it('are cells or places; what has none is left out, and no coordinate colours them', () => {
    const rows: Value[][] = [
      ['88415a4939fffff', 3],
      ['no cell', 4],
      [null, 5],
    ];
    const [mark, ...others] = marksOf(rows, { cell: 0 }, plane, 1);
    expect(others).toEqual([]);
    expect([mark?.ring.length, mark?.value]).toEqual([6, 3]);
    const columns = ['lat', 'lon', 'n'].map((name) => ({ name, type: 'double precision' }));
    expect(numbersOf({ columns, rows: [[21, 105.8, 1]] })).toEqual([2]);
    expect(marksOf([[21, 105.8, 1]], { lat: 0, lon: 1 }, plane, 2)[0]?.centre).toEqual([0, 0]);
  });

  it('are cells as whole numbers too, which colour nothing', () => {
    const text = '88415a4939fffff';
    const whole = String(BigInt(`0x${text}`));
    const columns = ['o', 'n'].map((name) => ({ name, type: 'bigint' }));
    expect(numbersOf({ columns, rows: [[whole, 3]] })).toEqual([1]);
    expect(marksOf([[whole, 3]], { cell: 0 }, plane, 1)[0]?.ring).toEqual(
      marksOf([[text, 3]], { cell: 0 }, plane, 1)[0]?.ring,
    );
  });

  it('have colours by quarters, the greatest on top, and none for what is not known', () => {
    const marks = marksOf(cells([5, 1, null, 3, 100]), { cell: 0 }, plane, 1);
    const bands = bandsOf(marks);
    expect(bands.map(({ from }) => from)).toEqual([1, 3, 5, 100]);
    expect([null, 0, 1, 4, 100, 999].map((value) => colourOf(value, bands))).toEqual([0, 1, 1, 2, 4, 4]);
    expect(marks.map(({ value }) => value)).toEqual([null, 1, 3, 5, 100]);
  });

  it('are blue where they tell of people moving or of nothing counted', () => {
    expect(rampOf('scans')[4]).toBe('--flow-4');
    expect(rampOf('value', 'SELECT cell, value FROM hex_risk')[4]).toBe('--risk-4');
    expect(rampOf('value', 'SELECT cell, value FROM hex_presence')[4]).toBe('--flow-4');
    expect(new Set(rampOf(undefined)).size).toBe(1);
  });

  it('have as many colours as there are different numbers', () => {
    expect(bandsOf(marksOf(cells([2, 2, 2]), { cell: 0 }, plane, 1))).toEqual([{ from: 2, colour: 3 }]);
    expect(bandsOf(marksOf(cells([1, 1, 2, 2]), { cell: 0 }, plane, 1)).map(({ colour }) => colour)).toEqual([1, 4]);
    expect(bandsOf(marksOf(cells([null]), { cell: 0 }, plane, 1))).toEqual([]);
  });
});
