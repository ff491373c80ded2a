/** Saved queries and the last ones run, in this browser only. */
export interface Kept {
  name: string;
  sql: string;
  atMs: number;
}
export const HISTORY_MAX = 50;
export const SAVED_MAX = 100;
/** Of all queries of a list together; browsers keep some millions of letters of a page. */
export const KEPT_CHARS_MAX = 1_500_000;
const NAME_CHARS = 60;

/** Newest first, the same query once; past `max`, or too many letters, the oldest go. */
export function withKept(list: Kept[], entry: Kept, max: number): Kept[] {
  if (!entry.sql.trim() || entry.sql.length > KEPT_CHARS_MAX) return list;
  const all = [entry, ...list.filter((one) => one.sql !== entry.sql)].slice(0, max);
  let chars = 0;
  const end = all.findIndex(({ sql }) => (chars += sql.length) > KEPT_CHARS_MAX);
  return end < 0 ? all : all.slice(0, end);
}

/** Whether it is kept without any other going. */
export function hasRoom(list: Kept[], entry: Kept, max: number): boolean {
  const now = withKept(list, entry, max);
  return now.includes(entry) && list.every((one) => one.sql === entry.sql || now.includes(one));
}

/** One goes, or all where none is named. */
export const without = (list: Kept[], gone: Kept | null): Kept[] =>
  gone === null ? [] : list.filter(({ sql }) => sql !== gone.sql);

/** What was taken out is back where its age puts it; what came since stays. */
export function restored(list: Kept[], removed: Kept[], max: number): Kept[] {
  const back = removed.filter((one) => !list.some(({ sql }) => sql === one.sql));
  return [...list, ...back].sort((a, b) => b.atMs - a.atMs).slice(0, max);
}

/** What a query is called when nobody named it: its own first remark, else how it begins. */
export function nameOf(sql: string): string {
  const remark = /^\s*--\s*(\S[^\n]*)/.exec(sql)?.[1]?.trim();
  return (remark ?? sql.replace(/\s+/g, ' ').trim()).slice(0, NAME_CHARS);
}

/** Whether a query is another one with some of it changed: most of what was there still is, at its ends. */
export function isEdited(before: string, now: string): boolean {
  const most = Math.min(before.length, now.length);
  let start = 0;
  while (start < most && before[start] === now[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === now.at(-1 - end)) end += 1;
  return start + end >= before.length / 2;
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
