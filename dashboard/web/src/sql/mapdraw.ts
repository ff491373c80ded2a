/** Draws the ground, the rows' cells and places, and the borders of one view. */
import type { Atlas } from '../lib/map/atlas';
import { outerRings } from '../lib/map/outer';
import { toPx, type Point, type View } from '../lib/map/plane';
import { colourOf, type Band, type Mark } from './marks';

/** A cell that would be smaller than can be seen is drawn as a dot of this width. */
const CELL_PX_MIN = 5;
/** Of a place, where there is room; many of them are drawn smaller until they are seen from near. */
const PLACE_R = 4;
const PLACE_R_MIN = 1.6;
const PLACES_WITH_ROOM = 400;
/** Drawn a little small, so that the ground shows as a net. */
const SIZE = 0.95;
const RIVER_KM = 0.62;
const RIVER_PX_MIN = 2;
/** From here on wards are wide enough to be told apart. */
export const WARDS_FROM_PX_PER_KM = 40;
const TURN = 2 * Math.PI;

export interface Picture {
  atlas: Atlas;
  view: View;
  marks: Mark[];
  bands: Band[];
  /** Names of colours by number. */
  ramp: string[];
  placeR: number;
  /** The one that is read. */
  chosen: Mark | null;
  wide: number;
  high: number;
}

/** Outlines on the plane, made once for an atlas. */
interface Outlines {
  districts: Path2D;
  /** The same along their wards, whose lines are finer: from near the city's would cut across them. */
  near: Path2D;
  wards: Path2D;
  lakes: Path2D;
  rivers: Path2D;
}
const outlines = new WeakMap<Atlas, Outlines>();

function pathOf(lines: Point[][], close: boolean): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    line.forEach(([x, y], nth) => (nth === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
    if (close) path.closePath();
  }
  return path;
}

function outlinesOf(atlas: Atlas): Outlines {
  const waters = (kind: 'river' | 'lake'): Point[][] =>
    atlas.waters.flatMap((water) => (water.kind === kind ? [water.line] : []));
  const made = outlines.get(atlas) ?? {
    districts: pathOf(
      atlas.districts.flatMap(({ rings }) => rings),
      true,
    ),
    near: pathOf(
      atlas.districts.flatMap(({ row, rings }) => {
        const outer = outerRings(atlas.wardsOf(row.code).flatMap((ward) => ward.rings));
        return outer.length > 0 ? outer : rings;
      }),
      true,
    ),
    wards: pathOf(
      atlas.wards.flatMap(({ rings }) => rings),
      true,
    ),
    lakes: pathOf(waters('lake'), true),
    rivers: pathOf(waters('river'), false),
  };
  outlines.set(atlas, made);
  return made;
}

/** How wide a cell is in this view. */
export function cellPx(mark: Mark, view: View): number {
  const [a, b] = [mark.ring[0], mark.ring[Math.floor(mark.ring.length / 2)]];
  return a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) * view.pxPerKm : 0;
}

/** `nearer` is how many times nearer than all of them in one picture. */
export function placeRadius(places: number, nearer: number): number {
  const r = PLACE_R * Math.sqrt((PLACES_WITH_ROOM / Math.max(1, places)) * nearer);
  return Math.max(PLACE_R_MIN, Math.min(PLACE_R, r));
}

function trace(path: Path2D, mark: Mark, view: View, px: number, placeR: number): void {
  const [x, y] = toPx(view, mark.centre);
  if (px < CELL_PX_MIN) {
    const r = mark.ring.length > 0 ? CELL_PX_MIN / 2 : placeR;
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, TURN);
    return;
  }
  mark.ring.forEach((corner, nth) => {
    const [cornerX, cornerY] = toPx(view, corner);
    const at: Point = [x + (cornerX - x) * SIZE, y + (cornerY - y) * SIZE];
    if (nth === 0) path.moveTo(...at);
    else path.lineTo(...at);
  });
  path.closePath();
}

function marks(context: CanvasRenderingContext2D, colours: string[], picture: Picture): void {
  const { view, bands, wide, high } = picture;
  const paths = colours.map(() => new Path2D());
  for (const mark of picture.marks) {
    const px = cellPx(mark, view);
    const [x, y] = toPx(view, mark.centre);
    const room = Math.max(px, PLACE_R);
    if (x < -room || y < -room || x > wide + room || y > high + room) continue;
    const path = paths[colourOf(mark.value, bands)];
    if (path) trace(path, mark, view, px, picture.placeR);
  }
  paths.forEach((path, nth) => {
    context.fillStyle = colours[nth] ?? 'transparent';
    context.fill(path);
  });
}

export function draw(canvas: HTMLCanvasElement, picture: Picture): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { atlas, view, wide, high } = picture;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(wide * ratio));
  canvas.height = Math.max(1, Math.round(high * ratio));
  const { districts, near, wards, lakes, rivers } = outlinesOf(atlas);
  const isNear = view.pxPerKm >= WARDS_FROM_PX_PER_KM;
  const { pxPerKm, at, centre } = view;
  const onPlane = (paint: () => void): void => {
    context.setTransform(
      pxPerKm * ratio,
      0,
      0,
      -pxPerKm * ratio,
      (at[0] - centre[0] * pxPerKm) * ratio,
      (at[1] + centre[1] * pxPerKm) * ratio,
    );
    paint();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  };
  const stroke = (path: Path2D, name: string, px: number, alpha = 1): void => {
    context.globalAlpha = alpha;
    context.strokeStyle = colour(name);
    context.lineWidth = px / pxPerKm;
    context.lineJoin = 'round';
    context.stroke(path);
    context.globalAlpha = 1;
  };
  onPlane(() => {
    context.fillStyle = colour('--land');
    context.fill(isNear ? near : districts);
    context.fillStyle = colour('--water');
    context.fill(lakes);
    context.lineCap = 'round';
    stroke(rivers, '--water', Math.max(RIVER_PX_MIN, RIVER_KM * pxPerKm));
  });
  marks(context, picture.ramp.map(colour), picture);
  onPlane(() => {
    if (isNear) stroke(wards, '--border-ward', 0.8, 0.6);
    stroke(isNear ? near : districts, '--border-map', isNear ? 1.8 : 1.1);
  });
  if (picture.chosen) {
    const path = new Path2D();
    trace(path, picture.chosen, view, cellPx(picture.chosen, view), PLACE_R);
    context.strokeStyle = colour('--text');
    context.lineWidth = 2.5;
    context.stroke(path);
  }
}
