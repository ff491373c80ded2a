/** What a column holds, and how a value of it is written in each language. */
import { clockTime, decimal, fullDate, NOTHING, whole, type Lang } from '../lib/format';
import { fields, parseTime } from '../lib/time';
import type { Column, Value } from './types';

export type Kind = 'integer' | 'number' | 'time' | 'date' | 'boolean' | 'text';

const DECIMALS_MAX = 4;

export function kindOf(type: string): Kind {
  if (/\[\]$/.test(type)) return 'text';
  if (/^(bigint|integer|smallint)$/.test(type)) return 'integer';
  if (/^(double precision|real|numeric|decimal)/.test(type)) return 'number';
  if (/^timestamp/.test(type)) return 'time';
  if (type === 'date') return 'date';
  return type === 'boolean' ? 'boolean' : 'text';
}

export const isNumeric = (column: Column): boolean => ['integer', 'number'].includes(kindOf(column.type));

/** Numbers too long for a double come as text and stay as they are. */
function numberText(value: number, lang: Lang): string {
  if (Number.isInteger(value)) return whole(value, lang);
  const places = Math.min(DECIMALS_MAX, (String(value).split('.')[1] ?? '').length || DECIMALS_MAX);
  return decimal(value, places, lang);
}

export function valueText(value: Value | undefined, type: string, lang: Lang): string {
  if (value === null || value === undefined) return NOTHING;
  const kind = kindOf(type);
  if (typeof value === 'number') return numberText(value, lang);
  if (typeof value === 'boolean') return lang === 'vi' ? (value ? 'có' : 'không') : value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((one) => valueText(one, 'text', lang)).join(', ');
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
