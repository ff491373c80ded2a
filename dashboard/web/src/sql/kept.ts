/** Saved queries and the last ones run, in this browser only. */
export interface Kept {
  name: string;
  sql: string;
  atMs: number;
}
export const HISTORY_MAX = 50;
export const SAVED_MAX = 100;
const SQL_MAX_CHARS = 100_000;

/** Newest first, the same query once, never more than `max`. */
export function withKept(list: Kept[], entry: Kept, max: number): Kept[] {
  if (!entry.sql.trim() || entry.sql.length > SQL_MAX_CHARS) return list;
  return [entry, ...list.filter((one) => one.sql !== entry.sql)].slice(0, max);
}

function isKept(value: unknown): value is Kept {
  const one = value as Kept | null;
  return typeof one?.name === 'string' && typeof one.sql === 'string' && typeof one.atMs === 'number';
}

export function readKept(text: string | null, max: number): Kept[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter(isKept).slice(0, max) : [];
  } catch {
    return [];
  }
}
