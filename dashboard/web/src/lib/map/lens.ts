/** The round lens: a second view of the inner districts, joined to its ring on the map by two tangents. */
import type { Point, View } from './plane';
import { toPx } from './plane';

export interface Circle {
  x: number;
  y: number;
  r: number;
}

export interface Lens {
  /** Where the lens stands, in pixels. */
  circle: Circle;
  /** What it looks at, in pixels of the city's view. */
  ring: Circle;
  view: View;
  /** The beam: tangent points ring, lens, lens, ring. */
  beam: [Point, Point, Point, Point];
}

export function inside(circle: Circle, [x, y]: Point): boolean {
  return Math.hypot(x - circle.x, y - circle.y) <= circle.r;
}

function tangent(ring: Circle, circle: Circle, side: 1 | -1): [Point, Point] {
  const dx = circle.x - ring.x;
  const dy = circle.y - ring.y;
  const towards = Math.atan2(dy, dx);
  const opening = Math.acos(Math.max(-1, Math.min(1, (ring.r - circle.r) / Math.hypot(dx, dy))));
  const angle = towards + side * opening;
  const at = (c: Circle): Point => [c.x + c.r * Math.cos(angle), c.y + c.r * Math.sin(angle)];
  return [at(ring), at(circle)];
}

export function makeLens(city: View, centre: Point, radiusKm: number, circle: Circle): Lens {
  const [x, y] = toPx(city, centre);
  const ring = { x, y, r: radiusKm * city.pxPerKm };
  const [a, b] = tangent(ring, circle, 1);
  const [d, c] = tangent(ring, circle, -1);
  return {
    circle,
    ring,
    view: { centre, at: [circle.x, circle.y], pxPerKm: circle.r / radiusKm },
    beam: [a, b, c, d],
  };
}
