/** The catalog's functions by what they are for. */
import type { CatalogFunction } from './types';

export const GROUPS = ['tracing', 'moment', 'time', 'rates', 'h3', 'text'] as const;
export type Group = (typeof GROUPS)[number];

const PATTERNS: [Group, RegExp][] = [
  ['moment', /^(as_of|stream_seq|lag)$/],
  ['h3', /^h3_/],
  ['rates', /^(rate_|age_)/],
  ['time', /^(epi_|local_|tumble$|hop$|date_)/],
];

export function groupOf({ name, kind }: Pick<CatalogFunction, 'name' | 'kind'>): Group {
  if (kind === 'table') return 'tracing';
  return PATTERNS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'text';
}

export function grouped(functions: CatalogFunction[]): [Group, CatalogFunction[]][] {
  return GROUPS.flatMap((group): [Group, CatalogFunction[]][] => {
    const held = functions.filter((one) => groupOf(one) === group);
    return held.length > 0 ? [[group, held]] : [];
  });
}
