/** The cell the reader is at, and the ones taken together with it. */
import type { Column, Value } from './types';
import { isNumeric, numberOf, rawText } from './values';

export interface Spot {
  /** −1 is the row of names. */
  row: number;
  column: number;
}
export interface Block {
  top: number;
  left: number;
  bottom: number;
  right: number;
}
export interface Extent {
  rows: number;
  columns: number;
  /** Rows a page of the table moves by. */
  page: number;
}
export const HEAD_ROW = -1;

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** Where a key leads; null for keys that lead nowhere. */
export function moved(at: Spot, { key, ctrlKey, metaKey }: Key, { rows, columns, page }: Extent): Spot | null {
  const far = ctrlKey || metaKey;
  const to = (row: number, column: number): Spot => ({
    row: Math.max(HEAD_ROW, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  });
  switch (key) {
    case 'ArrowDown':
      return to(far ? rows - 1 : at.row + 1, at.column);
    case 'ArrowUp':
      return to(far ? 0 : at.row - 1, at.column);
    case 'ArrowRight':
      return to(at.row, far ? columns - 1 : at.column + 1);
    case 'ArrowLeft':
      return to(at.row, far ? 0 : at.column - 1);
    case 'PageDown':
      return to(at.row + page, at.column);
    case 'PageUp':
      return to(Math.max(0, at.row - page), at.column);
    case 'Home':
      return to(far ? 0 : at.row, 0);
    case 'End':
      return to(far ? rows - 1 : at.row, columns - 1);
    default:
      return null;
  }
}

export function blockOf(from: Spot, to: Spot): Block {
  return {
    top: Math.max(0, Math.min(from.row, to.row)),
    left: Math.min(from.column, to.column),
    bottom: Math.max(from.row, to.row),
    right: Math.max(from.column, to.column),
  };
}

export const holds = (block: Block, row: number, column: number): boolean =>
  row >= block.top && row <= block.bottom && column >= block.left && column <= block.right;

export const sizeOf = ({ top, left, bottom, right }: Block): number => (bottom - top + 1) * (right - left + 1);

/** What would break a line of tabs goes as a blank; spreadsheets take the rest as it is. */
const tabbed = (values: (Value | undefined)[]): string =>
  values.map((value) => rawText(value).replace(/[\t\r\n]+/g, ' ')).join('\t');

/** One value as it came; several by tabs and lines, as spreadsheets take them. */
export function blockText(rows: Value[][], block: Block): string {
  if (sizeOf(block) === 1) return rawText(rows[block.top]?.[block.left]);
  return rows
    .slice(block.top, block.bottom + 1)
    .map((row) => tabbed(row.slice(block.left, block.right + 1)))
    .join('\n');
}

export function tableText(columns: Column[], rows: Value[][]): string {
  return [columns.map(({ name }) => name), ...rows].map(tabbed).join('\n');
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** As the endpoint writes it; what holds a comma, a quote or a line's end is quoted. */
export function csvText(columns: Column[], rows: Value[][]): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(rawText).map(quoted).join(','));
  return `${lines.join('\n')}\n`;
}

/** The numbers of a block, for its sum and mean. */
export function numbersIn(columns: Column[], rows: Value[][], { top, left, bottom, right }: Block): number[] {
  const taken = columns.slice(left, right + 1).map(isNumeric);
  return rows.slice(top, bottom + 1).flatMap((row) =>
    row.slice(left, right + 1).flatMap((value, at) => {
      const number = taken[at] ? numberOf(value) : null;
      return number === null ? [] : [number];
    }),
  );
}
