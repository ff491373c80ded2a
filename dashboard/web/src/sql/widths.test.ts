import { describe, expect, it } from 'vitest';
import { fitting, readHeight } from './height';
import { groupOf } from './groups';
import { columnWidth, PAD_PX, tracks, widest } from './widths';

const px = (text: string): number => text.length * 8;
const width = (type: string, values: (string | number)[]) =>
  columnWidth(
    { name: 'c', type },
    0,
    values.map((value) => [value]),
    'vi',
    ['c'],
    px,
  );

describe('columns of the workbench', () => {
  it('keep pseudonyms and numbers whole, wherever the longest stands', () => {
    const people = [...Array.from({ length: 200 }, () => 'AB'), 'F90ZS-mQEGG1-EDO-F90ZS-mQEGG1-EDO-F90ZS-mQEGG1'];
    expect(width('text', people)).toEqual({ need: 46 * 8 + PAD_PX, full: 46 * 8 + PAD_PX });
    expect(width('bigint', [...Array.from({ length: 200 }, () => 1), 1234567]).need).toBe(9 * 8 + PAD_PX);
  });

  it('cut sentences past forty letters, unless there is room', () => {
    const cut = width('text', ['một câu '.repeat(10)]);
    expect(cut).toEqual({ need: 40 * 8 + PAD_PX, full: 80 * 8 + PAD_PX });
    expect(tracks([cut, { need: 50, full: 50 }], 500)).toEqual([450, 50]);
    expect(tracks([cut, { need: 50, full: 50 }], 2_000)).toEqual([80 * 8 + PAD_PX, 50]);
    expect(tracks([cut, { need: 50, full: 50 }], 100)).toEqual([cut.need, 50]);
  });

  it('grow and never shrink while rows change', () => {
    const before = [{ need: 50, full: 90 }];
    expect(widest(before, [{ need: 60, full: 60 }])).toEqual([{ need: 60, full: 90 }]);
    expect(widest([], [{ need: 60, full: 60 }])).toEqual([{ need: 60, full: 60 }]);
  });

  it('leave the editor neither too high nor too low', () => {
    expect(fitting(10, 900)).toBe(120);
    expect(fitting(2_000, 900)).toBe(640);
    expect(readHeight('x')).toBe(342);
    expect(readHeight('200')).toBe(200);
  });

  it('have functions by what they are for', () => {
    expect(groupOf({ name: 'exposed_at', kind: 'table' })).toBe('tracing');
    expect(groupOf({ name: 'h3_cell', kind: 'scalar' })).toBe('h3');
    expect(groupOf({ name: 'unaccent', kind: 'scalar' })).toBe('text');
  });
});
