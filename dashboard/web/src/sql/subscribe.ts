/** `SUBSCRIBE (SELECT …)`: a query written as one to follow, as docs/live.md has it. */

interface Piece {
  text: string;
  at: number;
}

/**
 * What stands between quotes, a word, or one other sign. A text that is not closed goes on to the end. Words come whole:
 * in `DATE'…'` the last letter does not say that backslashes are to be read, as that of `E'…'` does.
 */
const PIECE =
  /e'(?:[^'\\]|\\[^]|'')*(?:'|$)|'[^']*(?:'|$)|"[^"]*(?:"|$)|\$([\p{L}_][\p{L}\p{N}_]*)?\$[^]*?(?:\$\1\$|$)|[\p{L}_][\p{L}\p{M}\p{N}_$]*|[^]/iuy;

/** Remarks hold further ones. */
function afterRemark(sql: string, at: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

/** Without blanks and remarks. */
function* piecesOf(sql: string): Generator<Piece, undefined> {
  const blank = /\s+|--[^\n]*/y;
  for (let at = 0; at < sql.length;) {
    blank.lastIndex = PIECE.lastIndex = at;
    if (blank.test(sql)) at = blank.lastIndex;
    else if (sql.startsWith('/*', at)) at = afterRemark(sql, at);
    else {
      const text = PIECE.exec(sql)?.[0] ?? sql.slice(at);
      yield { text, at };
      at += text.length;
    }
  }
}

/** Where its parentheses stand; null where it is not written so. */
function parentheses(sql: string): { open: number; close: number } | null {
  const pieces = piecesOf(sql);
  if (pieces.next().value?.text.toLowerCase() !== 'subscribe') return null;
  const first = pieces.next().value;
  if (first?.text !== '(') return null;
  let depth = 1;
  let close = 0;
  for (const { text, at } of pieces) {
    if (depth === 0 && text !== ';') return null;
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (text === ')' && depth === 0) close = at;
  }
  return depth === 0 ? { open: first.at, close } : null;
}

/** What is within `SUBSCRIBE ( … )`; null where the query is not written so. */
export function inner(sql: string): string | null {
  const found = parentheses(sql);
  return found && sql.slice(found.open + 1, found.close).trim();
}

/** What can be asked once, too. */
export const queryOf = (sql: string): string => inner(sql) ?? sql;

/** With blanks before the parenthesis, so that the place of an error is one in the text as it was typed. */
export function inPlace(sql: string): string {
  const found = parentheses(sql);
  return found ? sql.slice(0, found.open).replace(/[^\n]/gu, ' ') + sql.slice(found.open) : sql;
}
