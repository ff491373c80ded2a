import { describe, expect, it } from 'vitest';
import { inner, inPlace, queryOf } from './subscribe';

describe('a query written as one to follow', () => {
  it('is what stands within, however it is written', () => {
    for (const sql of [
      'SUBSCRIBE (SELECT 1)',
      'subscribe(SELECT 1)',
      '\n  Subscribe (\n  SELECT 1\n) ;\n',
      '-- theo dõi (\nSUBSCRIBE /* một /* hai ) */ ( */ (SELECT 1); -- xong )',
    ]) {
      expect(inner(sql), sql).toBe('SELECT 1');
    }
    expect(inner('SUBSCRIBE ((SELECT count(*) FROM t) LIMIT 1)')).toBe('(SELECT count(*) FROM t) LIMIT 1');
  });

  it('keeps parentheses within quotes and remarks for what they are', () => {
    for (const sql of [
      "SELECT ')' AS a, 'nháy '' )', \")\" FROM t",
      String.raw`SELECT E'\')', E'a''\')', DATE'2021-11-27', 'cuối\'`,
      'SELECT $$)$$, $ô$)$$)$ô$, a$b',
      'SELECT 1 -- :)\n/* ) /* ) */ ) */',
    ]) {
      expect(inner(`SUBSCRIBE (${sql}\n)`), sql).toBe(sql);
    }
  });

  it('is none where it is not closed, or where something stands before or after it', () => {
    for (const sql of [
      'SELECT 1',
      '',
      'SUBSCRIBE',
      'SUBSCRIBE SELECT 1',
      'SUBSCRIBER (SELECT 1)',
      'SELECT 1 -- SUBSCRIBE (SELECT 1)',
      "SUBSCRIBE (SELECT ')",
      'SUBSCRIBE (SELECT (1)',
      'SUBSCRIBE (SELECT 1))',
      'SUBSCRIBE (SELECT 1) LIMIT 5',
      'SUBSCRIBE (SELECT 1); SELECT 2',
      'SUBSCRIBE (SELECT 1 /* )',
    ]) {
      expect(inner(sql), sql).toBeNull();
      expect([queryOf(sql), inPlace(sql)]).toEqual([sql, sql]);
    }
  });

  it('is asked with every sign at its own place', () => {
    expect(inPlace('-- 🏥\nSUBSCRIBE (SELECT onst FROM cases);')).toBe('    \n          (SELECT onst FROM cases);');
  });
});
