/** Rows of an answer on the map: where each is, and which colour its number has. */
import { cellToBoundary } from 'h3-js';
import type { Plane, Point } from '../lib/map/plane';
import { cellColumns, cellOf } from './hexes';
import { isCoordinate, isMoving, type Places } from './picks';
import type { Answer, Value } from './types';
import { isNumeric, numberOf } from './values';

export interface Mark {
  row: Value[];
  centre: Point;
  /** Corners of a cell; none of a place. */
  ring: Point[];
  /** Null where the row has no number. */
  value: number | null;
}
export interface Band {
  from: number;
  /** Of the ramp, from 1 on. */
  colour: number;
}

const BANDS = 4;

/** Columns of numbers that do not say where. */
export function numbersOf(answer: Pick<Answer, 'columns' | 'rows'>): number[] {
  const cells = cellColumns(answer);
  return answer.columns.flatMap((column, at) =>
    isNumeric(column) && !isCoordinate(column) && !cells.includes(at) ? [at] : [],
  );
}

function ringOf(row: Value[], where: Places, plane: Plane): Point[] {
  if ('cell' in where) {
    const cell = cellOf(row[where.cell]);
    return cell === null ? [] : cellToBoundary(cell).map(([lat, lon]) => plane.km([lon, lat]));
  }
  const [lat, lon] = [row[where.lat], row[where.lon]];
  return typeof lat === 'number' && typeof lon === 'number' ? [plane.km([lon, lat])] : [];
}

/** The least number first, so that none is hidden by a smaller one. */
export function marksOf(rows: Value[][], where: Places, plane: Plane, valueAt: number | null): Mark[] {
  const marks = rows.flatMap((row): Mark[] => {
    const ring = ringOf(row, where, plane);
    if (ring.length === 0) return [];
    const centre: Point = [
      ring.reduce((sum, [x]) => sum + x, 0) / ring.length,
      ring.reduce((sum, [, y]) => sum + y, 0) / ring.length,
    ];
    const value = valueAt === null ? null : numberOf(row[valueAt]);
    return [{ row, centre, ring: ring.length > 1 ? ring : [], value }];
  });
  return marks.sort((a, b) => (a.value ?? -Infinity) - (b.value ?? -Infinity));
}

/** Quarters of the numbers, so that one high cell does not darken all others; fewer where numbers are alike. */
export function bandsOf(marks: Mark[]): Band[] {
  const values = marks.flatMap(({ value }) => (value === null ? [] : [value])).sort((a, b) => a - b);
  const bounds = Array.from({ length: BANDS }, (_, band) => values[Math.floor((band / BANDS) * values.length)] ?? 0);
  const told = values.length > 0 ? [...new Set(bounds)] : [];
  const step = told.length > 1 ? (BANDS - 1) / (told.length - 1) : 0;
  return told.map((from, nth) => ({ from, colour: told.length > 1 ? Math.round(1 + nth * step) : BANDS - 1 }));
}

/** Colours of the bands by their number; the first is for what is not known, and where nothing is counted all are one. */
export function rampOf(name: string | undefined, sql = ''): string[] {
  if (name === undefined) return Array.from({ length: BANDS + 1 }, () => '--flow-3');
  const ramp = isMoving(name) || isMoving(sql.match(/\bfrom\s+(\w+)\s*\b/i)?.[1] ?? '') ? 'flow' : 'risk';
  return ['--text-3', ...[1, 2, 3, 4].map((band) => `--${ramp}-${band}`)];
}

/** 0 is "no number". */
export function colourOf(value: number | null, bands: Band[]): number {
  if (value === null) return 0;
  return bands.findLast(({ from }) => value >= from)?.colour ?? bands[0]?.colour ?? 0;
}
