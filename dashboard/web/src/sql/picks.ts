/** Which columns a chart or map takes when nobody has chosen. */
import { cellColumns } from './hexes';
import { isNumeric, kindOf } from './values';
import type { Answer, Column } from './types';

export type ChartKind = 'line' | 'bar' | 'epi';
export interface Picks {
  kind: ChartKind;
  x: number;
  ys: number[];
  /** The column whose values are the series, where one column of numbers is told apart by it. */
  by: number | null;
}
export type Places = { cell: number } | { lat: number; lon: number };

/** More than three colours cannot be told apart in a stack. */
export const SERIES_MAX = 3;
const STACK_VALUES_MAX = 12;
/** Two bars are no curve. */
const MOMENTS_MIN = 3;
const NO_SUM = /(^|_)(lat|lon|pct|h|avg|mean|median|rate)$|^(cham|ty_le)/;

const LAT = /^(lat|latitude|vi_do)$/i;
const LON = /^(lon|lng|longitude|kinh_do)$/i;
const MOVING = /scan|visit|people|presen|luot|quet/i;

type Held = Pick<Answer, 'columns' | 'rows'>;

/** A text column whose few values can be stacked: one row for each time and value, each value often. */
function stackBy({ columns, rows }: Held, x: number): number | null {
  const texts = columns.flatMap((column, at) => (kindOf(column.type) === 'text' ? [at] : []));
  const [at] = texts;
  if (at === undefined || texts.length > 1) return null;
  const values = new Set(rows.map((row) => row[at]));
  const pairs = new Set(rows.map((row) => JSON.stringify([row[x], row[at]])));
  return values.size <= STACK_VALUES_MAX && pairs.size === rows.length && rows.length >= 2 * values.size ? at : null;
}

export function chartPicks(answer: Held): Picks | null {
  const { columns } = answer;
  const cells = cellColumns(answer);
  const kinds = columns.map((column, at) => (cells.includes(at) ? 'text' : kindOf(column.type)));
  const timeAt = kinds.findIndex((kind) => kind === 'time' || kind === 'date');
  const textAt = kinds.findIndex((kind) => kind === 'text');
  const x = timeAt >= 0 ? timeAt : textAt >= 0 ? textAt : 0;
  const numeric = columns.flatMap((column, at) => (isNumeric(column) && !cells.includes(at) && at !== x ? [at] : []));
  const counts = numeric.filter((at) => kinds[at] === 'integer' && !NO_SUM.test(columns[at]?.name ?? ''));
  const ys = (counts.length > 0 ? counts : numeric.slice(0, 1)).slice(0, SERIES_MAX);
  if (ys.length === 0 || answer.rows.length === 0) return null;
  const kind = timeAt < 0 ? 'bar' : counts.length > 0 ? 'epi' : 'line';
  const by = timeAt >= 0 && ys.length === 1 ? stackBy(answer, x) : null;
  return { kind, x, ys, by };
}

/** What the answer itself asks for: cells and places a map, counts over time a chart, else the table. */
export function viewOf(answer: Held): 'table' | 'both' {
  if (placesOf(answer)) return 'both';
  const picks = chartPicks(answer);
  const times = answer.columns.filter((column) => ['time', 'date'].includes(kindOf(column.type)));
  if (picks?.kind !== 'epi' || times.length !== 1) return 'table';
  const texts = answer.columns.some((column) => kindOf(column.type) === 'text');
  const moments = new Set(answer.rows.map((row) => row[picks.x]));
  const told = texts ? picks.by !== null : moments.size === answer.rows.length;
  return told && moments.size >= MOMENTS_MIN ? 'both' : 'table';
}

/** A coordinate says where, never how much. */
export const isCoordinate = ({ name }: Column): boolean => LAT.test(name) || LON.test(name);

/** What tells of people moving is blue; rose is for cases and risk. */
export const isMoving = (name: string): boolean => MOVING.test(name);

/** All that can be put on the map, first what is taken when nobody has chosen. */
export function placesIn(answer: Held): Places[] {
  const { columns, rows } = answer;
  const cells = cellColumns(answer);
  const named = (pattern: RegExp): number =>
    columns.findIndex((column, at) => isNumeric(column) && !cells.includes(at) && pattern.test(column.name));
  const lat = named(LAT);
  const lon = named(LON);
  const found: Places[] = cells.map((cell) => ({ cell }));
  if (lat < 0 || lon < 0) return found;
  // Of several places in one cell only the places tell which is which.
  const [cell] = cells;
  const told = cell !== undefined && new Set(rows.map((row) => row[cell])).size === rows.length;
  return told ? [...found, { lat, lon }] : [{ lat, lon }, ...found];
}

export const placesOf = (answer: Held): Places | null => placesIn(answer)[0] ?? null;

/** The column by which a place is told from others of the same answer. */
export const columnOf = (where: Places): number => ('cell' in where ? where.cell : where.lat);
