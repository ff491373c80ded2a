/** Which values, and so which columns, are H3 cells: as text or as whole numbers. */
import { isValidCell } from 'h3-js';
import type { Answer, Value } from './types';

/** Every cell has so many digits as a whole number: too many for a double, so that it is held as text. */
const WHOLE = /^\d{18}$/;
/** The library reads longer texts too, and forgets their beginning. */
const HEX = /^0?[\da-f]{15}$/i;
/** Values looked at in a column, and rows looked through to find them: some columns begin with many rows without one. */
const VALUES_MAX = 20;
const ROWS_MAX = 10_000;

/** A cell as H3 writes it; null for what is none. */
export function cellOf(value: Value | undefined): string | null {
  if (typeof value !== 'string') return null;
  const cell = WHOLE.test(value) ? BigInt(value).toString(16) : value;
  return HEX.test(cell) && isValidCell(cell) ? cell : null;
}

function firstValues(rows: Value[][], at: number): Value[] {
  const found: Value[] = [];
  for (let nth = 0; nth < Math.min(rows.length, ROWS_MAX) && found.length < VALUES_MAX; nth += 1) {
    const value = rows[nth]?.[at] ?? null;
    if (value !== null) found.push(value);
  }
  return found;
}

export function cellColumns({ columns, rows }: Pick<Answer, 'columns' | 'rows'>): number[] {
  return columns.flatMap((_, at) => {
    const values = firstValues(rows, at);
    return values.length > 0 && values.every((value) => cellOf(value) !== null) ? [at] : [];
  });
}
