/** How wide each column is: by what it holds, so that nothing is cut while there is room. */
import type { Lang } from '../lib/format';
import type { Column, Value } from './types';
import { isNumeric, valueText } from './values';

/** Room beside a value in its cell. */
export const PAD_PX = 24;
/** Room beside a name for the mark of sorting. */
const SORT_PX = 13;
/** Sentences are cut past this; codes and pseudonyms, which have no spaces, much later. */
const TEXT_CHARS = 40;
const CODE_CHARS = 80;
const FIRST_ROWS = 30;
const LONGEST_ROWS = 3;

export interface Width {
  /** What it takes at least, long text cut. */
  need: number;
  /** What the longest value found takes. */
  full: number;
}

const rawLength = (value: Value | undefined): number =>
  typeof value === 'string' ? value.length : value === null || value === undefined ? 1 : JSON.stringify(value).length;

/** The first rows, and the longest values of all rows: few to measure, and none longer is missed by much. */
function sampled(rows: Value[][], at: number): Value[] {
  const values = rows.slice(0, FIRST_ROWS).map((row) => row[at] ?? null);
  const longest: { value: Value; length: number }[] = [];
  for (const row of rows.slice(FIRST_ROWS)) {
    const length = rawLength(row[at]);
    if (longest.length >= LONGEST_ROWS && length <= (longest.at(-1)?.length ?? 0)) continue;
    longest.push({ value: row[at] ?? null, length });
    longest.sort((a, b) => b.length - a.length);
    longest.length = Math.min(longest.length, LONGEST_ROWS);
  }
  return [...values, ...longest.map(({ value }) => value)];
}

export function columnWidth(
  column: Column,
  at: number,
  rows: Value[][],
  lang: Lang,
  heads: string[],
  px: (text: string, bold: boolean) => number,
  decimals?: number,
): Width {
  const head = Math.max(...heads.map((text, nth) => px(text, true) + (nth === 0 ? SORT_PX : 0)));
  let need = head;
  let full = head;
  for (const value of sampled(rows, at)) {
    const text = valueText(value, column.type, lang, decimals);
    const most = isNumeric(column) || !/\s/.test(text) ? CODE_CHARS : TEXT_CHARS;
    full = Math.max(full, px(text, false));
    need = Math.max(need, px(text.slice(0, most), false));
  }
  return { need: Math.ceil(need) + PAD_PX, full: Math.ceil(full) + PAD_PX };
}

/** Of each column the wider of both. */
export function widest(before: Width[], now: Width[]): Width[] {
  return now.map(({ need, full }, at) => ({
    need: Math.max(need, before[at]?.need ?? 0),
    full: Math.max(full, before[at]?.full ?? 0),
  }));
}

/** Room that is left goes to the columns that are cut, the least cut first. */
export function tracks(widths: Width[], room: number): number[] {
  const given = widths.map(({ need }) => need);
  let left = room - given.reduce((sum, px) => sum + px, 0);
  const cut = widths.map((width, at) => ({ at, more: width.full - width.need })).filter(({ more }) => more > 0);
  cut.sort((a, b) => a.more - b.more);
  for (const { at, more } of cut) {
    if (left <= 0) break;
    const extra = Math.min(more, left);
    given[at] = (given[at] ?? 0) + extra;
    left -= extra;
  }
  return given;
}

let pen: CanvasRenderingContext2D | null | undefined;

/** In the letters of the table; where there is no canvas, by the number of letters. */
export function measured(text: string, bold: boolean): number {
  pen ??= document.createElement('canvas').getContext('2d');
  if (!pen) return text.length * 8;
  pen.font = `${bold ? '600 13px' : '14px'} 'Vong Lau Figures', 'Be Vietnam Pro', sans-serif`;
  return pen.measureText(text).width;
}
