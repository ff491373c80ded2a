/** How a figure moved, and whether that is good: a property of the figure, kept in this one table. */
import type { Figure, FigureName } from '../wire';
import { figureValue, percent, points, whole, type Lang } from './format';

export type Direction = 'up' | 'down' | 'flat';
export type Tone = 'bad' | 'good' | 'neutral';

/** In tables a change this small is a dash. */
const FLAT_WITHIN_PERCENT = 3;

export const RISE: Record<FigureName, Tone> = {
  scans_today: 'neutral',
  people_today: 'neutral',
  present_now: 'neutral',
  venues_active: 'neutral',
  venues_silent: 'bad',
  f0_new_24h: 'bad',
  f0_new_7d: 'bad',
  f0_active: 'bad',
  f0_recovered: 'good',
  f1_open: 'bad',
  f2_open: 'bad',
  incidence_7d_100k: 'bad',
  vaccine_1_pct: 'good',
  vaccine_full_pct: 'good',
  vaccine_full_50_pct: 'good',
  breaches_24h: 'bad',
  scans_per_min: 'neutral',
  f1_overdue_24h: 'bad',
  contacts_found_24h_pct: 'good',
  known_contacts_pct: 'good',
  report_delay_h: 'bad',
  level: 'bad',
  id_conflicts: 'bad',
  venues_unknown: 'bad',
  venues_off_map: 'bad',
};

export interface Change {
  direction: Direction;
  tone: Tone;
  /** Without sign: the triangle says which way. */
  text: string;
}

export function toneOf(name: FigureName, direction: Direction): Tone {
  const rise = RISE[name];
  if (direction === 'flat' || rise === 'neutral') return 'neutral';
  if (direction === 'up') return rise;
  return rise === 'bad' ? 'good' : 'bad';
}

function directionOf(difference: number): Direction {
  if (difference === 0) return 'flat';
  return difference > 0 ? 'up' : 'down';
}

/** The change since `before`; null where one of the two is not known. From zero there is no per cent, only a number. */
export function change(
  name: FigureName,
  figure: Figure | undefined,
  before: number | null | undefined,
  lang: Lang,
): Change | null {
  const value = figure?.value;
  if (!figure || value == null || before == null) return null;
  const difference = value - before;
  const direction = directionOf(difference);
  const tone = toneOf(name, direction);
  if (figure.unit === 'percent') return { direction, tone, text: points(Math.abs(difference), lang) };
  if (before === 0 && value !== 0) return { direction, tone, text: figureValue(difference, figure.unit, lang) };
  const ratio = before === 0 ? 0 : Math.abs((difference * 100) / before);
  return { direction, tone, text: percent(ratio, lang) };
}

/** The change as narrow columns show it: whole, and a dash within three per cent. */
export function tableChange(
  name: FigureName,
  figure: Figure | undefined,
  before: number | null | undefined,
  lang: Lang,
): Change | null {
  const full = change(name, figure, before, lang);
  const value = figure?.value;
  if (!full || value == null || before == null || figure?.unit === 'percent') return full;
  if (before === 0) return value === 0 ? { ...full, text: `${whole(0, lang)}%` } : full;
  const ratio = Math.abs(((value - before) * 100) / before);
  if (ratio <= FLAT_WITHIN_PERCENT) return { direction: 'flat', tone: 'neutral', text: `${whole(ratio, lang)}%` };
  return { ...full, text: `${whole(ratio, lang)}%` };
}
