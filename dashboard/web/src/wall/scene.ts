/** The overview's map: where city and lens stand on it, in pixels of a 1080-high picture. */
import type { Atlas, Shape } from '../lib/map/atlas';
import { makeLens, type Circle, type Lens } from '../lib/map/lens';
import { fit, type Box, type Point, type View } from '../lib/map/plane';
import type { DistrictShape } from '../wire';

export const MAP_WIDE = 960;
export const MAP_HIGH = 790;
export const CITY_RESOLUTION = 8;
export const LENS_RESOLUTION = 9;

const CITY_FRAME: Box = [275, 15, 945, 785];
const LENS_CIRCLE: Circle = { x: 246, y: 548, r: 226 };
const LENS_RADIUS_KM = 10.3;
const INNER_KIND = 'quan';
/** The key of the map stands at its upper left; names keep clear of it. */
export const KEY_BOX: Box = [0, 0, 420, 120];

export interface Scene {
  city: View;
  lens: Lens | null;
}

/** Districts whose names stand in the lens. */
export function isInner(shape: Shape<DistrictShape>): boolean {
  return shape.row.kind === INNER_KIND;
}

export function sceneOf(atlas: Atlas): Scene {
  const city = fit(atlas.box, CITY_FRAME);
  const inner = atlas.districts.filter(isInner);
  if (inner.length === 0) return { city, lens: null };
  const mean = (axis: 0 | 1): number => inner.reduce((sum, { label }) => sum + label[axis], 0) / inner.length;
  const centre: Point = [mean(0), mean(1)];
  return { city, lens: makeLens(city, centre, LENS_RADIUS_KM, LENS_CIRCLE) };
}

/** A circle as boxes, for names to keep clear of. */
export function circleBoxes({ x, y, r }: Circle): Box[] {
  const strips = 12;
  return Array.from({ length: strips }, (_, at): Box => {
    const top = y - r + (2 * r * at) / strips;
    const bottom = top + (2 * r) / strips;
    const nearest = Math.max(top, Math.min(y, bottom));
    const half = Math.sqrt(Math.max(0, r * r - (nearest - y) ** 2));
    return [x - half, top, x + half, bottom];
  });
}
