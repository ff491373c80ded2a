/** What a problem says, in the reader's language, and how a wrong name is put right with a click. */
import type { Lang } from '../lib/format';
import type { Catalog, Problem } from './types';

/** Where in the query, by characters, and what belongs there. */
export interface Mend {
  from: number;
  to: number;
  insert: string;
}

const WORD = /^"?[\p{L}\p{N}_.]+"?/u;
const MEANT = /^did you mean (.+)\?$/;
/** Words a query begins with, for one that is misspelt. */
const BEGINNINGS = ['select', 'with', 'explain', 'show', 'describe', 'values'];
const TYPOS_MAX = 2;

/** From what the endpoint says to Vietnamese; what is not here stays as it came. */
const VIETNAMESE: [RegExp, (...found: string[]) => string][] = [
  [/^there is no column (.+)$/, (name) => `Không có cột ${name}`],
  [/^there is no table (.+)$/, (name) => `Không có bảng ${name}`],
  [/^the column (.+) is in several tables$/, (name) => `Cột ${name} có ở nhiều bảng`],
  [/^there is no function (.+)$/, (name) => `Không có hàm ${name}`],
  [/^there is no statement; write SELECT …$/, () => 'Chưa có câu lệnh; hãy viết SELECT …'],
  [/^there are several statements; run them one by one$/, () => 'Có nhiều câu lệnh; hãy chạy từng câu'],
  [/^(\S+) is not possible here: this is for reading only$/, (word) => `Ở đây chỉ đọc, không dùng được ${word}`],
  [/^the query ends too early$/, () => 'Câu lệnh kết thúc quá sớm'],
  [/^Expected: (.+), found: (.+)$/, (_, found) => `Sai cú pháp ở ${found}`],
  [
    /^the column (.+) must be in GROUP BY or within a function such as count or max$/,
    (name) => {
      return `Cột ${name} phải có trong GROUP BY hoặc nằm trong hàm như count, max`;
    },
  ],
  [/^did you mean (.+)\?$/, (name) => `ý bạn là ${name}?`],
  [/^write its table before it: table\.column$/, () => 'viết tên bảng trước tên cột: bảng.cột'],
  [/^use SELECT, EXPLAIN, SHOW or DESCRIBE$/, () => 'dùng SELECT, EXPLAIN, SHOW hoặc DESCRIBE'],
  [/^the columns are (.+)$/, (names) => `các cột là ${names}`],
  [/^the tables are (.+)$/, (names) => `các bảng là ${names}`],
  [/^text stands in single quotes: (.+)$/, (text) => `chữ đặt trong dấu nháy đơn: ${text}`],
  [/^write (.+) or (.+)$/, (one, other) => `viết ${one} hoặc ${other}`],
  [/^write (.+)$/, (usage) => `viết ${usage}`],
];

/** What the engine beneath says in its own terms, in plain ones. */
const PLAIN: [RegExp, (...found: string[]) => string][] = [
  [/^Invalid function '(.+)'$/, (name) => `there is no function ${name}`],
  [/found: EOF$/, () => 'the query ends too early'],
  [
    /^Column in SELECT must be in GROUP BY.*column "([^"]+)" must appear/,
    (name) => {
      return `the column ${name} must be in GROUP BY or within a function such as count or max`;
    },
  ],
];

function matched(text: string, list: typeof PLAIN): string | null {
  for (const [pattern, say] of list) {
    const found = pattern.exec(text);
    if (found) return say(...found.slice(1));
  }
  return null;
}

export function told(text: string, lang: Lang): string {
  const plain = matched(text, PLAIN) ?? text;
  return lang === 'vi' ? (matched(plain, VIETNAMESE) ?? plain) : plain;
}

/** How many letters are to be changed; more than `most` counts as one more than that. */
export function typos(a: string, b: string, most = TYPOS_MAX): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + other));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function nearest(word: string, names: string[]): string | null {
  const most = word.length < 4 ? 1 : TYPOS_MAX;
  const found = names
    .map((name) => ({ name, far: typos(word.toLowerCase(), name.toLowerCase(), most) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far);
  return found[0]?.name ?? null;
}

/** The hint the endpoint gave; for a function or a first word, which it has none for, the nearest there is. */
export function hintOf(problem: Problem, sql: string, catalog: Catalog | null): string | null {
  const text = quoted(problem, sql);
  if (text) return `text stands in single quotes: ${text.insert}`;
  if (problem.hint) return problem.hint;
  const wrong = /^Invalid function '(.+)'$/.exec(problem.detail)?.[1];
  if (wrong) {
    const like = nearest(wrong, [...FUNCTIONS, ...(catalog?.functions ?? []).map(({ name }) => name)]);
    return like && `did you mean ${like}?`;
  }
  const first = /^Expected: an SQL statement, found: (\w+)$/.exec(problem.detail)?.[1];
  const like = first ? nearest(first, BEGINNINGS) : null;
  return like && `did you mean ${like.toUpperCase()}?`;
}

/** Known to every query, so not told by the catalog. */
export const FUNCTIONS = [
  ...['count', 'sum', 'avg', 'min', 'max', 'median', 'stddev', 'array_agg', 'string_agg', 'approx_percentile_cont'],
  ...['row_number', 'rank', 'dense_rank', 'lead', 'first_value', 'last_value', 'ntile'],
  ...['coalesce', 'nullif', 'greatest', 'least', 'round', 'abs', 'ceil', 'floor', 'sqrt', 'power', 'ln'],
  ...['date_trunc', 'date_part', 'date_bin', 'to_timestamp', 'to_char', 'now', 'generate_series'],
  ...['lower', 'upper', 'length', 'substr', 'replace', 'concat', 'split_part', 'trim', 'starts_with', 'strpos'],
];

/** Where the problem is, by characters of the query; its end where the query only ends too early. */
export function placeOf(problem: Problem, sql: string): { from: number; to: number } | null {
  if (/found: EOF$/.test(problem.detail)) {
    const end = sql.trimEnd().length;
    return end > 0 ? { from: end - 1, to: end } : null;
  }
  const lines = sql.split('\n');
  if (!problem.line || problem.line > lines.length) return null;
  const before = lines.slice(0, problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const line = lines[problem.line - 1] ?? '';
  // The endpoint counts whole characters, the editor halves of those outside the first plane.
  const start = [...line].slice(0, Math.max(0, (problem.column ?? 1) - 1)).join('').length;
  const from = before + Math.min(start, line.length);
  const long = WORD.exec(sql.slice(from, before + line.length))?.[0].length ?? 1;
  return { from, to: Math.min(sql.length, from + long) };
}

/** A value written without quotes is taken for a column. */
function quoted(problem: Problem, sql: string): Mend | null {
  const word = /^there is no column (.+)$/.exec(problem.detail)?.[1];
  const place = placeOf(problem, sql);
  if (!word || !place || problem.hint?.startsWith('did you mean')) return null;
  const compared = /(=|<>|!=|\b(i?like|in\s*\([^()]*))\s*$/i.test(sql.slice(0, place.from));
  return compared && sql.slice(place.from, place.to) === word ? { ...place, insert: `'${word}'` } : null;
}

/** Null where no one name is meant, or it does not stand where the problem was said to be. */
export function mendOf(problem: Problem, sql: string, catalog: Catalog | null): Mend | null {
  const text = quoted(problem, sql);
  if (text) return text;
  const insert = MEANT.exec(hintOf(problem, sql, catalog) ?? '')?.[1];
  const wrong = /(?:no column|no table|function|found:) '?([^\s']+?)'?$/.exec(problem.detail)?.[1];
  const place = placeOf(problem, sql);
  if (!insert || !wrong || !place) return null;
  // Of `c.onst` or `public.casess` only the last part is wrong.
  const written = sql.slice(place.from, place.to);
  const at = written.toLowerCase().lastIndexOf(wrong.toLowerCase());
  if (at < 0) return null;
  return { from: place.from + at, to: place.from + at + wrong.length, insert };
}
