/** Longitude and latitude to kilometres on a plane, and kilometres to pixels. Good for one city. */
import type { Position } from '../../wire';

export type Point = [x: number, y: number];
/** [west, south, east, north] in kilometres. */
export type Box = [number, number, number, number];

const KM_PER_DEGREE_LAT = 110.574;
const KM_PER_DEGREE_LON_AT_EQUATOR = 111.32;

export class Plane {
  readonly #lat0: number;
  readonly #lon0: number;
  readonly #kmPerLon: number;

  constructor(lat0: number, lon0: number) {
    this.#lat0 = lat0;
    this.#lon0 = lon0;
    this.#kmPerLon = KM_PER_DEGREE_LON_AT_EQUATOR * Math.cos((lat0 * Math.PI) / 180);
  }

  km([lon, lat]: Position): Point {
    return [(lon - this.#lon0) * this.#kmPerLon, (lat - this.#lat0) * KM_PER_DEGREE_LAT];
  }

  degrees([x, y]: Point): Position {
    return [x / this.#kmPerLon + this.#lon0, y / KM_PER_DEGREE_LAT + this.#lat0];
  }
}

/** Which point of the plane lies at which pixel, and how many pixels a kilometre has. */
export interface View {
  centre: Point;
  at: Point;
  pxPerKm: number;
}

export function toPx(view: View, [x, y]: Point): Point {
  return [view.at[0] + (x - view.centre[0]) * view.pxPerKm, view.at[1] - (y - view.centre[1]) * view.pxPerKm];
}

export function toKm(view: View, [x, y]: Point): Point {
  return [view.centre[0] + (x - view.at[0]) / view.pxPerKm, view.centre[1] - (y - view.at[1]) / view.pxPerKm];
}

export function boxOf(points: Iterable<Point>): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

/** The largest view that shows all of `box` within `frame` (pixels, left top right bottom). */
export function fit(box: Box, frame: Box): View {
  const wide = frame[2] - frame[0];
  const high = frame[3] - frame[1];
  return {
    centre: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
    at: [(frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2],
    pxPerKm: Math.min(wide / (box[2] - box[0]), high / (box[3] - box[1])),
  };
}

/** Widths of a cell, flat to flat, by H3 resolution. */
export const CELL_KM: Record<number, number> = { 7: 2.44, 8: 0.92, 9: 0.348, 10: 0.1315 };
const CELL_PX_MIN = 6;

/** The finest resolution whose cells are wide enough to be told apart. */
export function resolutionFor(pxPerKm: number): 7 | 8 | 9 | 10 {
  for (const resolution of [10, 9, 8] as const) {
    if ((CELL_KM[resolution] ?? 0) * pxPerKm >= CELL_PX_MIN) return resolution;
  }
  return 7;
}
