import { describe, expect, it } from 'vitest';
import { applied, begun, orderOf, type Followed, type LiveFrame } from './live';

const COLUMNS = [
  { name: 'district', type: 'text' },
  { name: 'n', type: 'bigint' },
];
const start = (snapshot: LiveFrame['snapshot'] = []): Followed =>
  begun({ id: 'q', position: 7, stream_seq: 1, columns: COLUMNS, snapshot }, 5);
const after = (held: Followed, frame: Partial<LiveFrame>, sql = ''): Followed | null =>
  applied(held, { id: 'q', position: held.position + 1, ...frame }, orderOf(sql, COLUMNS));

describe('rows of a followed query', () => {
  it('adds, takes away and changes rows in place, and says which are fresh', () => {
    const held = start([
      ['001', 1],
      ['007', 3],
      ['009', 2],
    ]);
    const next = after(held, {
      added: [['020', 1]],
      removed: [['001', 1]],
      changed: [
        [
          ['007', 3],
          ['007', 4],
        ],
      ],
    });
    expect(next?.answer.rows).toEqual([
      ['007', 4],
      ['009', 2],
      ['020', 1],
    ]);
    expect([...(next?.fresh ?? [])]).toEqual([
      ['007', 4],
      ['020', 1],
    ]);
    expect(next?.answer.rows[1]).toBe(held.answer.rows[2]);
  });

  it('counts rows: one of two alike is taken away', () => {
    const next = after(
      start([
        ['a', 1],
        ['a', 1],
        ['b', 1],
      ]),
      { removed: [['a', 1]] },
    );
    expect(next?.answer.rows).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('leaves out what came already and notices what is missing', () => {
    const held = start([['a', 1]]);
    expect(applied(held, { id: 'q', position: 7, added: [['b', 1]] }, [])).toBe(held);
    expect(applied(held, { id: 'q', position: 9, added: [['b', 1]] }, [])).toBeNull();
  });

  it('puts rows where the query orders them', () => {
    const sql = 'SELECT district, count(*) AS n FROM cases GROUP BY 1 ORDER BY n DESC, district LIMIT 5';
    const next = after(
      start([
        ['a', 9],
        ['b', 5],
      ]),
      {
        added: [
          ['c', 7],
          ['aa', 5],
          ['x', null],
        ],
      },
      sql,
    );
    expect(next?.answer.rows.map(([name]) => name)).toEqual(['x', 'a', 'c', 'aa', 'b']);
  });

  it('reads the last ORDER BY as far as it names columns', () => {
    expect(orderOf('SELECT 1 ORDER BY 2 DESC NULLS LAST;', COLUMNS)).toEqual([
      { at: 1, numeric: true, down: true, nullsFirst: false },
    ]);
    expect(orderOf('SELECT * FROM t ORDER BY lower(district)', COLUMNS)).toEqual([]);
    expect(orderOf('SELECT row_number() OVER (ORDER BY n) FROM t', COLUMNS)).toEqual([]);
    expect(orderOf('SELECT n FROM t ORDER BY t.n, n + 1', COLUMNS)).toEqual([
      { at: 1, numeric: true, down: false, nullsFirst: false },
    ]);
  });

  it('reads the ORDER BY within SUBSCRIBE', () => {
    const sql = 'SELECT * FROM t ORDER BY n DESC';
    expect(orderOf(`SUBSCRIBE (${sql});`, COLUMNS)).toEqual(orderOf(sql, COLUMNS));
    expect(orderOf(sql, COLUMNS)).toHaveLength(1);
  });

  it('holds no more rows than the bound and says so', () => {
    const next = after(
      start([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]),
      {
        added: [
          ['d', 1],
          ['e', 1],
          ['f', 1],
        ],
      },
    );
    expect(next?.answer.rows.map(([name]) => name)).toEqual(['b', 'c', 'd', 'e', 'f']);
    expect(next?.answer.truncated).toBe(true);
  });

  it('orders whole numbers too long for a double by their value', () => {
    const held = start([['007', '10000000000000000']]);
    const next = after(
      held,
      {
        added: [
          ['001', '9007199254740993'],
          ['009', 5],
        ],
      },
      'SELECT district, n FROM x ORDER BY n',
    );
    expect(next?.answer.rows.map(([district]) => district)).toEqual(['009', '001', '007']);
  });
});
