import { describe, expect, it } from 'vitest';
import type { Figures } from '../wire';
import { grouped, rowHeight } from './league';

function figures(level: number | null, rate: number | null): Figures {
  return { level: { value: level, unit: 'level' }, incidence_7d_100k: { value: rate, unit: 'per_100k' } };
}

describe('the league', () => {
  it('groups by level, the most serious first, and sorts each group by rate', () => {
    const topic = { '1': figures(1, 20), '2': figures(4, 160), '3': figures(1, 30), '4': figures(null, null) };
    const groups = grouped(['1', '2', '3', '4', '5'], topic);
    expect(groups.map((group) => group.level)).toEqual([4, 1, null]);
    expect(groups.map((group) => group.rows.map((row) => row.code).join(' '))).toEqual(['2', '3 1', '4 5']);
  });

  it('keeps all rows on the wall', () => {
    expect(rowHeight(30, 4)).toBeCloseTo(2.5);
    expect(rowHeight(30, 5) * 30 + 5 * 3.3 + 3).toBeLessThanOrEqual(91.4 + 1e-9);
  });
});
