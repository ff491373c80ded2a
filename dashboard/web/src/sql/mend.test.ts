import { describe, expect, it } from 'vitest';
import { hintOf, mendOf, placeOf, told, typos } from './mend';
import type { Catalog, Problem } from './types';

const problem = (more: Partial<Problem>): Problem => ({ status: 400, title: '', detail: '', ...more });
const catalog: Catalog = {
  tables: [],
  functions: [{ name: 'local_date', signature: 'local_date(time)', kind: 'scalar', doc: { vi: '', en: '' } }],
  questions: [],
  bounds: {},
};
const mended = (sql: string, one: Problem): string | null => {
  const mend = mendOf(one, sql, catalog);
  return mend && sql.slice(0, mend.from) + mend.insert + sql.slice(mend.to);
};

describe('wrong queries', () => {
  it('are marked where the endpoint says, by whole characters', () => {
    const sql = "SELECT 'chữ 🏥',\n  '🏥', onst FROM cases";
    expect(placeOf(problem({ line: 2, column: 8 }), sql)).toEqual({
      from: sql.indexOf('onst'),
      to: sql.indexOf(' FROM'),
    });
    expect(placeOf(problem({ line: 9, column: 1 }), sql)).toBeNull();
    expect(placeOf(problem({ detail: 'Expected: an expression, found: EOF' }), 'SELECT 1 +\n')).toEqual({
      from: 9,
      to: 10,
    });
  });

  it('are put right by what was meant, and only there', () => {
    const onst = problem({ detail: 'there is no column onst', line: 1, column: 8, hint: 'did you mean onset?' });
    expect(mended('SELECT onst FROM cases', onst)).toBe('SELECT onset FROM cases');
    expect(mended('SELECT c.onst FROM cases c', onst)).toBe('SELECT c.onset FROM cases c');
    expect(mended('SELECT "Onst" FROM cases', { ...onst, detail: 'there is no column Onst' })).toBe(
      'SELECT "onset" FROM cases',
    );
    expect(mended('SELECT sampled FROM cases', onst)).toBeNull();
    const table = problem({ detail: 'there is no table casess', line: 1, column: 15, hint: 'did you mean cases?' });
    expect(mended('SELECT 1 FROM public.casess', table)).toBe('SELECT 1 FROM public.cases');
  });

  it('get a hint for functions and first words, which the endpoint has none for', () => {
    const name = problem({ detail: "Invalid function 'local_dat'", line: 1, column: 8 });
    expect(mended('SELECT local_dat(onset)', name)).toBe('SELECT local_date(onset)');
    const first = problem({ detail: 'Expected: an SQL statement, found: SELEC', line: 1, column: 1 });
    expect(mended('SELEC 1', first)).toBe('SELECT 1');
    expect(hintOf(problem({ detail: "Invalid function 'khong_co'" }), '', catalog)).toBeNull();
  });

  it('have a value without quotes put into them', () => {
    const found = problem({
      detail: 'there is no column community',
      line: 1,
      column: 35,
      hint: 'the columns are a, b',
    });
    expect(mended('SELECT * FROM cases WHERE found = community', found)).toBe(
      "SELECT * FROM cases WHERE found = 'community'",
    );
    expect(mended('SELECT community FROM cases WHERE found', { ...found, column: 8 })).toBeNull();
  });

  it('are told in both languages', () => {
    expect(told('there is no column onst', 'vi')).toBe('Không có cột onst');
    expect(told("Invalid function 'foo'", 'en')).toBe('there is no function foo');
    expect(told('did you mean onset?', 'vi')).toBe('ý bạn là onset?');
    expect(told('Expected: an expression, found: EOF', 'vi')).toBe('Câu lệnh kết thúc quá sớm');
    expect(told('Cannot coerce a', 'vi')).toBe('Cannot coerce a');
  });

  it('are compared by the letters to be changed', () => {
    expect([typos('selec', 'select'), typos('abc', 'abc'), typos('abc', 'xyz123')]).toEqual([1, 0, 3]);
  });
});
