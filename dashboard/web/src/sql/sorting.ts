/** The order of the table's rows, as its reader asked for it; the query's own rows stay as they came. */
import { parseTime } from '../lib/time';
import { parseSpan, spanSeconds } from './spans';
import type { Column, Value } from './types';
import { kindOf, rawText } from './values';

export interface Sort {
  column: number;
  down: boolean;
}

/** Up, down, and as they came. */
export function nextSort(sort: Sort | null, column: number): Sort | null {
  if (sort?.column !== column) return { column, down: false };
  return sort.down ? null : { column, down: true };
}

const vietnamese = new Intl.Collator('vi');

/** What a value is compared by; null is last, whichever way the others go. */
function keyed(value: Value | undefined, type: string): number | string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value === 'boolean') return Number(value);
  const text = rawText(value);
  switch (kindOf(type)) {
    case 'time':
    case 'date':
      return parseTime(text)?.ms ?? null;
    case 'interval': {
      const span = parseSpan(text);
      return span && spanSeconds(span);
    }
    case 'integer':
    case 'number': {
      const number = Number(text);
      return text === '' || Number.isNaN(number) ? null : number;
    }
    default:
      return text;
  }
}

/** Whole numbers past a double's come as text and are told apart by all of their digits. */
function long(a: Value | undefined, b: Value | undefined): number {
  const digits = /^-?\d+$/;
  if (typeof a !== 'string' || typeof b !== 'string' || !digits.test(a) || !digits.test(b)) return 0;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function sortedRows(rows: Value[][], columns: Column[], sort: Sort | null): Value[][] {
  const column = sort && columns[sort.column];
  if (!sort || !column) return rows;
  const numeric = kindOf(column.type) === 'integer' || kindOf(column.type) === 'number';
  const way = sort.down ? -1 : 1;
  const list = rows.map((row) => ({ row, key: keyed(row[sort.column], column.type) }));
  // Sorting is stable, so that rows alike stay as they came.
  list.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    if (typeof a.key === 'string' || typeof b.key === 'string')
      return way * vietnamese.compare(String(a.key), String(b.key));
    return way * (a.key - b.key || (numeric ? long(a.row[sort.column], b.row[sort.column]) : 0));
  });
  return list.map(({ row }) => row);
}
