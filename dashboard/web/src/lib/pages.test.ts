import { describe, expect, it } from 'vitest';
import { distinct } from './pages.svelte';

describe('pages', () => {
  it('keep a row that comes in two pages once, at its first place, as it was last told', () => {
    const rows = [
      { person: 'A', score: 3 },
      { person: 'B', score: 2 },
      { person: 'A', score: 1 },
    ];
    expect(distinct(rows, (row) => row.person)).toEqual([
      { person: 'A', score: 1 },
      { person: 'B', score: 2 },
    ]);
  });
});
