/** Rows of a followed query: the whole result first, then what changes. The rules are those of docs/live.md. */
import { queryOf } from './subscribe';
import type { Answer, Column, Problem, Value } from './types';
import { isNumeric } from './values';

type Row = Value[];

export interface LiveFrame {
  id: string;
  position?: number;
  stream_seq?: number;
  event_time?: string | null;
  columns?: Column[];
  kept_by?: string;
  cost_ms?: number;
  every_s?: number;
  snapshot?: Row[];
  truncated?: boolean;
  resumed?: boolean;
  resync?: boolean;
  added?: Row[];
  removed?: Row[];
  changed?: [Row, Row][];
  error?: Partial<Problem>;
}

export interface Followed {
  answer: Answer;
  position: number;
  /** What the last frame brought. */
  fresh: ReadonlySet<Row>;
}

/** Rows are known by what they hold. */
const keys = new WeakMap<Row, string>();
function keyOf(row: Row): string {
  const key = keys.get(row) ?? JSON.stringify(row);
  keys.set(row, key);
  return key;
}

interface Order {
  at: number;
  numeric: boolean;
  down: boolean;
  nullsFirst: boolean;
}

/** The last ORDER BY, as far as it names columns of the result: changes do not say where in it they belong. */
export function orderOf(sql: string, columns: Column[]): Order[] {
  const text = queryOf(sql).replace(/--[^\n]*/g, ' ');
  const tail = /\border\s+by\s+((?:(?!\border\s+by\b)[^()])*)$/i.exec(text)?.[1];
  if (!tail) return [];
  const orders: Order[] = [];
  for (const item of tail.replace(/\b(limit|offset|fetch)\b[^]*$/i, '').split(',')) {
    const [, name = '', rest = ''] = /^\s*(?:\w+\.)?"?(\w+)"?\s*([^]*?)[\s;]*$/.exec(item) ?? [];
    const at = /^\d+$/.test(name)
      ? Number(name) - 1
      : columns.findIndex((column) => column.name === name.toLowerCase());
    const column = columns[at];
    if (!column || !/^(asc|desc)?\s*(nulls\s+(first|last))?$/i.test(rest.trim())) break;
    const down = /^desc/i.test(rest.trim());
    orders.push({
      at,
      numeric: isNumeric(column),
      down,
      nullsFirst: /nulls\s+first/i.test(rest) || (down && !/nulls\s+last/i.test(rest)),
    });
  }
  return orders;
}

/** Whole numbers too long for a double are held as text, and compare with all of their digits. */
function comparable(value: Value | undefined, numeric: boolean): Value | bigint {
  return numeric && typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : (value ?? null);
}

function compared(a: Row, b: Row, orders: Order[]): number {
  for (const { at, numeric, down, nullsFirst } of orders) {
    const left = comparable(a[at], numeric);
    const right = comparable(b[at], numeric);
    if (left === right) continue;
    if (left === null || right === null) return (left === null) === nullsFirst ? -1 : 1;
    const less = left < right;
    if (less || left > right) return less !== down ? -1 : 1;
  }
  return 0;
}

export function begun(frame: LiveFrame, rowsMax: number, orders: Order[] = []): Followed {
  // Rows that came since the query was first followed stand behind the others.
  const rows = [...(frame.snapshot ?? [])];
  if (orders.length > 0) rows.sort((a, b) => compared(a, b, orders));
  return {
    position: frame.position ?? 0,
    fresh: new Set(),
    answer: {
      stream_seq: frame.stream_seq ?? 0,
      event_time: frame.event_time ?? null,
      columns: frame.columns ?? [],
      rows,
      truncated: frame.truncated ?? false,
      rows_max: rowsMax,
      rows_read: null,
      elapsed_ms: frame.cost_ms ?? 0,
    },
  };
}

/** Which rows are taken away, each as often as it is named; a row held twice goes once. */
function taken(rows: Row[], gone: Row[]): Set<Row> {
  const wanted = new Map<string, number>();
  for (const row of gone) wanted.set(keyOf(row), (wanted.get(keyOf(row)) ?? 0) + 1);
  const found = new Set<Row>();
  if (wanted.size === 0) return found;
  for (const row of rows) {
    const left = wanted.get(keyOf(row)) ?? 0;
    if (left === 0) continue;
    found.add(row);
    wanted.set(keyOf(row), left - 1);
  }
  return found;
}

/** Null where a frame is missing before this one: what is held is to be asked for again. */
export function applied(held: Followed, frame: LiveFrame, orders: Order[]): Followed | null {
  const position = frame.position ?? held.position;
  if (position <= held.position) return held;
  if (position !== held.position + 1) return null;
  const fresh = new Set<Row>();
  const changes = new Map<string, Row[]>();
  for (const [before, now] of frame.changed ?? []) {
    changes.set(keyOf(before), [...(changes.get(keyOf(before)) ?? []), now]);
    fresh.add(now);
  }
  const gone = taken(held.answer.rows, frame.removed ?? []);
  const rows = held.answer.rows.flatMap((row) => (gone.has(row) ? [] : [changes.get(keyOf(row))?.shift() ?? row]));
  for (const list of changes.values()) rows.push(...list);
  for (const row of frame.added ?? []) {
    rows.push(row);
    fresh.add(row);
  }
  if (orders.length > 0 && fresh.size > 0) rows.sort((a, b) => compared(a, b, orders));
  const { rows_max: max } = held.answer;
  // Unordered rows come at the end, so the oldest go first.
  const shown = rows.length <= max ? rows : orders.length > 0 ? rows.slice(0, max) : rows.slice(-max);
  return {
    position,
    fresh,
    answer: {
      ...held.answer,
      rows: shown,
      truncated: held.answer.truncated || shown.length < rows.length,
      stream_seq: frame.stream_seq ?? held.answer.stream_seq,
      event_time: frame.event_time ?? held.answer.event_time,
    },
  };
}
