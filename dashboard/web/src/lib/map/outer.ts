/** The outer border of areas that lie side by side: what no two of them share. */
import type { Point } from './plane';

/** Loops this short are slits where two simplified borders do not quite meet. */
const SLIT_POINTS_MAX = 5;

const keyOf = ([x, y]: Point): string => `${x} ${y}`;

/**
 * Neighbours share their border point by point and run along it in opposite directions, so such steps cancel out.
 * Empty where the rest does not close: these areas do not fit together.
 */
export function outerRings(rings: Point[][]): Point[][] {
  const steps = new Map<string, [Point, Point]>();
  for (const ring of rings) {
    ring.forEach((from, at) => {
      const to = ring[(at + 1) % ring.length] ?? from;
      if (keyOf(from) === keyOf(to)) return;
      if (!steps.delete(`${keyOf(to)}>${keyOf(from)}`)) steps.set(`${keyOf(from)}>${keyOf(to)}`, [from, to]);
    });
  }
  const onward = new Map([...steps.values()].map(([from, to]) => [keyOf(from), to]));
  if (onward.size !== steps.size) return [];
  const loops: Point[][] = [];
  while (onward.size > 0) {
    const loop = takeLoop(onward);
    if (!loop) return [];
    if (loop.length > SLIT_POINTS_MAX) loops.push(loop);
  }
  return loops;
}

/** Follows the steps from any of them back to its start, and takes them out; null where they end. */
function takeLoop(onward: Map<string, Point>): Point[] | null {
  const [start] = onward.keys();
  const loop: Point[] = [];
  for (let key = start; key !== undefined;) {
    const to = onward.get(key);
    if (!to) return null;
    onward.delete(key);
    loop.push(to);
    key = keyOf(to);
    if (key === start) return loop;
  }
  return null;
}
