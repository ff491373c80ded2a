import { describe, expect, it } from 'vitest';
import { chartPicks, viewOf, type Picks } from './picks';
import { incompleteFrom, modelOf, ticksOf } from './series';
import type { Value } from './types';

const day = { name: 'day', type: 'date' };
const found = { name: 'found', type: 'text' };
const cases = { name: 'cases', type: 'bigint' };
const picked = (held: { columns: (typeof day)[]; rows: Value[][] }): Picks => {
  const picks = chartPicks(held);
  if (!picks) throw new Error('nothing to draw');
  return picks;
};

describe('charts of the workbench', () => {
  const held = {
    columns: [day, found, cases],
    rows: [
      ['2021-11-24', 'quarantine', 2],
      ['2021-11-24', 'community', 5],
      ['2021-11-26', 'community', 1],
      ['2021-11-27', 'community', 3],
      ['2021-11-27', 'quarantine', 1],
    ],
  };

  it('stacks counts by a text column of few values and fills missing days with zero', () => {
    const model = modelOf(held, picked(held));
    expect(model.step).toBe(86_400_000);
    expect(model.places.map(({ value }) => value)).toEqual(['2021-11-24', '2021-11-25', '2021-11-26', '2021-11-27']);
    expect(model.series).toEqual([
      { name: 'community', colour: 0, values: [5, 0, 1, 3] },
      { name: 'quarantine', colour: 1, values: [2, 0, 0, 1] },
    ]);
  });

  it('draws numbers too long for a double, and names in the order of the rows', () => {
    const columns = [found, cases];
    const rows: Value[][] = [
      ['b', '12345678901234567'],
      ['a', 1],
    ];
    const model = modelOf({ columns, rows }, picked({ columns, rows }));
    expect(model.places.map(({ value }) => value)).toEqual(['b', 'a']);
    expect(model.series[0]?.values).toEqual([12345678901234568, 1]);
  });

  it('keeps three series and sums the others up', () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].flatMap((name, at): Value[][] => [
      ['2021-11-24', name, at + 1],
      ['2021-11-25', name, at + 1],
    ]);
    const kinds = { columns: [day, found, cases], rows };
    const { series } = modelOf(kinds, picked(kinds));
    expect(series.map(({ name }) => name)).toEqual(['e', 'd', 'c', '']);
    expect(series.at(-1)).toEqual({ name: '', colour: null, values: [3, 3] });
  });

  it('keeps the zone of times it fills in', () => {
    const quarters = {
      columns: [{ name: 'quarter', type: 'timestamp with time zone' }, cases],
      rows: ['10:00', '10:15', '10:45'].map((clock): Value[] => [`2021-11-27T${clock}:00+07:00`, 4]),
    };
    const model = modelOf(quarters, picked(quarters));
    expect(model.step).not.toBe(86_400_000);
    expect(model.places[2]?.value).toBe('2021-11-27T10:30:00+07:00');
    expect(model.series[0]?.values).toEqual([4, 4, 0, 4]);
  });

  it('hatches today where today is among the days', () => {
    const model = modelOf(held, picked(held));
    expect(incompleteFrom(model, '2021-11-27T14:00:00+07:00', 1)).toBe(3);
    expect(incompleteFrom(model, '2021-11-27T14:00:00+07:00', 3)).toBe(1);
    expect(incompleteFrom(model, '2021-12-09T14:00:00+07:00', 3)).toBeNull();
  });

  it('opens the view the answer asks for', () => {
    expect(viewOf(held)).toBe('both');
    expect(viewOf({ columns: [{ name: 'o', type: 'text' }], rows: [['88415a4939fffff']] })).toBe('both');
    const stays = {
      columns: [found, { name: 'start_at', type: 'timestamp with time zone' }, cases],
      rows: [1, 2, 3].map((n): Value[] => [`p${n}`, `2021-11-27T1${n}:00:00+07:00`, n]),
    };
    expect(viewOf(stays)).toBe('table');
    expect(viewOf({ columns: [found, cases], rows: [['a', 1]] })).toBe('table');
  });

  it('makes round ticks from zero', () => {
    expect(ticksOf(0, 44)).toEqual([0, 10, 20, 30, 40]);
    expect(ticksOf(0, 0)).toEqual([0]);
    expect(ticksOf(0, 2)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(ticksOf(0, 2, true)).toEqual([0, 1, 2]);
  });
});
