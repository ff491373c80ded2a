/** The districts by level, the most serious first, and within a level by rate. */
import type { DistrictsTopic, Figures } from '../wire';

export interface LeagueRow {
  code: string;
  figures: Figures;
}

export interface LeagueGroup {
  /** Null: no level. */
  level: number | null;
  rows: LeagueRow[];
}

const rate = (row: LeagueRow): number => row.figures.incidence_7d_100k?.value ?? -1;

export function grouped(codes: string[], topic: DistrictsTopic): LeagueGroup[] {
  const groups = new Map<number | null, LeagueRow[]>();
  for (const code of codes) {
    const figures = topic[code] ?? {};
    const level = figures.level?.value ?? null;
    const rows = groups.get(level);
    if (rows) rows.push({ code, figures });
    else groups.set(level, [{ code, figures }]);
  }
  return [...groups]
    .sort(([a], [b]) => (b ?? 0) - (a ?? 0))
    .map(([level, rows]) => ({ level, rows: rows.sort((a, b) => rate(b) - rate(a) || (a.code < b.code ? -1 : 1)) }));
}

const TABLE_REM = 91.4;
const HEAD_REM = 3;
const GROUP_REM = 3.3;
const ROW_REM_MAX = 2.5;

/** So that all districts stand on the wall, however many levels there are. */
export function rowHeight(rows: number, groups: number): number {
  return Math.min(ROW_REM_MAX, (TABLE_REM - HEAD_REM - groups * GROUP_REM) / Math.max(1, rows));
}
