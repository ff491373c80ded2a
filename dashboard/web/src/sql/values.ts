/** What a column holds, and how a value of it is written in each language. */
import { clockTime, decimal, fullDate, NOTHING, whole, type Lang } from '../lib/format';
import { fields, parseTime } from '../lib/time';
import { parseSpan, spanText } from './spans';
import type { Column, Value } from './types';

export type Kind = 'integer' | 'number' | 'time' | 'date' | 'interval' | 'boolean' | 'text';

const DECIMALS_MAX = 4;
/** What four decimals would show as nothing. */
const TINY = 0.0001;

export function kindOf(type: string): Kind {
  if (/\[\]$/.test(type)) return 'text';
  if (/^(bigint|integer|smallint)$/.test(type)) return 'integer';
  if (/^(double precision|real|numeric|decimal)/.test(type)) return 'number';
  if (/^timestamp/.test(type)) return 'time';
  if (type === 'date' || type === 'interval' || type === 'boolean') return type;
  return 'text';
}

export const isNumeric = (column: Column): boolean => ['integer', 'number'].includes(kindOf(column.type));

/** Numbers and lengths of time stand with their last digits under one another. */
export const isRight = (column: Column): boolean => isNumeric(column) || kindOf(column.type) === 'interval';

const decimalsIn = (value: Value | undefined): number =>
  typeof value === 'number' && !Number.isInteger(value) && Math.abs(value) >= TINY
    ? (String(value).split('.')[1] ?? '').length || DECIMALS_MAX
    : 0;

/** As many for all numbers of a column, so that they stand under one another. */
export function decimalsOf(rows: Value[][], at: number): number {
  let most = 0;
  for (const row of rows) {
    most = Math.max(most, decimalsIn(row[at]));
    if (most >= DECIMALS_MAX) return DECIMALS_MAX;
  }
  return most;
}

function numberText(value: number, lang: Lang, decimals?: number): string {
  if (value !== 0 && Math.abs(value) < TINY) return value.toExponential(2).replace('.', lang === 'vi' ? ',' : '.');
  const places = decimals ?? Math.min(DECIMALS_MAX, decimalsIn(value));
  return places > 0 ? decimal(value, places, lang) : whole(value, lang);
}

/** Numbers too long for a double are held as text. */
const LONG = /^-?\d+(\.\d+)?$/;

function longText(digits: string, lang: Lang): string {
  const [before = '', after] = digits.replace('-', '−').split('.');
  const grouped = before.replace(/\B(?=(\d{3})+$)/g, lang === 'vi' ? '.' : ',');
  return after ? grouped + (lang === 'vi' ? ',' : '.') + after : grouped;
}

/** To draw and to add up by: of a number held as text the nearest double. Only for columns of numbers. */
export function numberOf(value: Value | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && LONG.test(value) ? Number(value) : null;
}

export function valueText(value: Value | undefined, type: string, lang: Lang, decimals?: number): string {
  if (value === null || value === undefined) return NOTHING;
  const kind = kindOf(type);
  if (typeof value === 'number') return numberText(value, lang, decimals);
  if (typeof value === 'boolean') return lang === 'vi' ? (value ? 'có' : 'không') : value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((one) => valueText(one, 'text', lang)).join(', ');
  if ((kind === 'integer' || kind === 'number') && LONG.test(value)) return longText(value, lang);
  const span = kind === 'interval' ? parseSpan(value) : null;
  if (span) return spanText(span, lang);
  const time = kind === 'time' || kind === 'date' ? parseTime(value) : null;
  if (!time) return value;
  return kind === 'date' ? fullDate(time, lang) : `${fullDate(time, lang)} ${clockTime(time)}`;
}

/** As it came, for the clipboard. */
export function rawText(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `vonglau-2021-11-27T143205.csv`: the moment the rows are true for, in the city's own time. */
export function fileName(eventTime: string | null, extension: string): string {
  const time = parseTime(eventTime);
  if (!time) return `vonglau.${extension}`;
  const f = fields(time);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `vonglau-${f.year}-${two(f.month)}-${two(f.day)}T${two(f.hour)}${two(f.minute)}${two(f.second)}.${extension}`;
}
