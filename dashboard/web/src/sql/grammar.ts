/** PostgreSQL's words as far as queries here use them. All of its words would colour columns such as `day` too. */
import { sql, SQLDialect } from '@codemirror/lang-sql';
import { FUNCTIONS } from './mend';
import type { Catalog } from './types';

const KEYWORDS =
  'all analyze and any array as asc between both by case cast cross current_date current_timestamp desc describe ' +
  'distinct else end escape except exclude exists explain extract false fetch filter first following for from full ' +
  'group grouping having ilike in inner intersect interval into is join lateral leading left like limit natural ' +
  'not null nulls offset on or order outer over overlaps partition preceding range recursive right rows select ' +
  'sets show similar some table then to trailing true unbounded union unnest using values when where window with ' +
  'within without';
const TYPES =
  'bigint boolean bytea char date decimal double float int integer numeric precision real smallint text time ' +
  'timestamp timestamptz varchar zone';

const define = (builtin: string[]): SQLDialect =>
  SQLDialect.define({
    keywords: KEYWORDS,
    types: TYPES,
    builtin: builtin.join(' '),
    doubleDollarQuotedStrings: true,
    operatorChars: '+-*/<>=~!@#%^&|`?',
    specialVar: '',
  });

/** For lists of names: functions come into them with what they do. */
export const WORDS_ONLY = define([]);

export function functionNames(catalog: Catalog | null): string[] {
  return [...FUNCTIONS, ...(catalog?.functions ?? []).map(({ name }) => name)];
}

export const grammarOf = (functions: string[]) => sql({ dialect: define(functions) });
