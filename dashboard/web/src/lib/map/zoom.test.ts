import { describe, expect, it } from 'vitest';
import { toKm, toPx, type View } from './plane';
import { panned, zoomed, type Reach } from './zoom';

const view: View = { centre: [0, 0], at: [300, 200], pxPerKm: 10 };
const reach: Reach = { leastPxPerKm: 5, mostPxPerKm: 400, box: [-50, -40, 50, 40] };

describe('moving on a map', () => {
  it('keeps what is under the pointer while it zooms', () => {
    const at: [number, number] = [420, 90];
    const under = toKm(view, at);
    const [x, y] = toPx(zoomed(view, 3, at, reach), under);
    expect([Math.round(x), Math.round(y)]).toEqual(at);
  });

  it('goes neither too near nor too far', () => {
    expect(zoomed(view, 1_000, [300, 200], reach).pxPerKm).toBe(400);
    expect(zoomed(view, 0.001, [300, 200], reach).pxPerKm).toBe(5);
  });

  it('follows the hand, and stays with the city', () => {
    expect(panned(view, [100, 50], reach).centre).toEqual([-10, 5]);
    expect(panned(view, [-9_000, 9_000], reach).centre).toEqual([50, 40]);
  });
});
