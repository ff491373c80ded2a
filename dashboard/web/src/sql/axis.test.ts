import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time';
import { marked } from './axis';
import type { Model } from './series';

/** Places one step apart from a moment of the city's clock. */
function along(from: string, step: number, count: number): Model {
  const places = Array.from({ length: count }, (_, n) => {
    const ms = Date.parse(from) + n * step;
    return { value: `${new Date(ms + 7 * HOUR_MS).toISOString().slice(0, 19)}+07:00`, ms };
  });
  return { places, series: [], step };
}

describe('names along the axis', () => {
  it('stand at whole hours of the city, however the rows begin', () => {
    const day = along('2021-11-23T19:45:00+07:00', 15 * MINUTE_MS, 97);
    const clocks = marked(day, 9).map((n) => String(day.places[n]?.value).slice(11, 16));
    expect(clocks).toEqual(['21:00', '00:00', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00']);
  });

  it('count days back from the last one, by weeks where there are many', () => {
    const days = along('2021-10-31T00:00:00+07:00', DAY_MS, 28);
    expect(marked(days, 5)).toEqual([6, 13, 20, 27]);
    expect(marked(days, 28).length).toBe(28);
  });

  it('are every so many where the steps are uneven, or fall on no whole hour', () => {
    const uneven = { ...along('2021-11-01T00:00:00+07:00', DAY_MS, 10), step: null };
    expect(marked(uneven, 5)).toEqual([0, 2, 4, 6, 8]);
    expect(marked(along('2021-11-01T00:07:00+07:00', HOUR_MS, 10), 5)).toEqual([1, 3, 5, 7, 9]);
  });

  it('are there for one place and for none', () => {
    expect(marked({ places: [{ value: 'a', ms: null }], series: [], step: null }, 0)).toEqual([0]);
    expect(marked({ places: [], series: [], step: null }, 5)).toEqual([]);
  });
});
