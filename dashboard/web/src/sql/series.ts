/** What a chart draws: places along x, and for each series a value at each of them. */
import { DAY_MS, parseTime } from '../lib/time';
import { SERIES_MAX, type Picks } from './picks';
import type { Answer, Value } from './types';
import { kindOf, numberOf } from './values';

export interface Place {
  value: Value;
  /** Milliseconds; null where x is no time. */
  ms: number | null;
}
export interface Series {
  name: string;
  /** Which colour; null is what the others are summed up in. */
  colour: number | null;
  values: (number | null)[];
}
export interface Model {
  places: Place[];
  series: Series[];
  /** Milliseconds from each place to the next, where all are as far apart. */
  step: number | null;
}
type Held = Pick<Answer, 'columns' | 'rows'>;

/** Beyond these a bar is thinner than a pixel. */
const PLACES_MAX = 2_000;
/** How the epidemic's own words are stacked, from the ground up. */
const FOUND = ['community', 'quarantine', 'import'];

const keyOf = (value: Value | undefined): string => JSON.stringify(value ?? null);

function msOf(value: Value | undefined, kind: string): number | null {
  return (kind === 'time' || kind === 'date') && typeof value === 'string' ? (parseTime(value)?.ms ?? null) : null;
}

/** The even step between times, where there is one; days where all are a day apart. */
function stepOf(sorted: number[]): number | null {
  const gaps = sorted.slice(1).map((ms, at) => ms - (sorted[at] ?? ms));
  const step = Math.min(...gaps);
  const first = sorted[0] ?? 0;
  const last = sorted.at(-1) ?? 0;
  if (gaps.length === 0 || step <= 0 || gaps.some((gap) => gap % step !== 0)) return null;
  return (last - first) / step < PLACES_MAX ? step : null;
}

function dayText(value: Value | undefined, ms: number, kind: string): Value {
  const offset = typeof value === 'string' ? (/(Z|[+-]\d\d:\d\d)$/.exec(value)?.[1] ?? 'Z') : 'Z';
  const zone = parseTime(`2000-01-01T00:00:00${offset}`)?.offsetMin ?? 0;
  const local = new Date(ms + zone * 60_000).toISOString();
  return kind === 'date' ? local.slice(0, 10) : local.slice(0, 19) + offset;
}

function placesAlong({ columns, rows }: Held, x: number): { places: Place[]; step: number | null } {
  const kind = kindOf(columns[x]?.type ?? '');
  const found = new Map<string, Place>();
  for (const row of rows) found.set(keyOf(row[x]), { value: row[x] ?? null, ms: msOf(row[x], kind) });
  const places = [...found.values()];
  if (kind === 'integer' || kind === 'number') {
    places.sort((a, b) => Number(a.value) - Number(b.value));
  }
  if (kind !== 'time' && kind !== 'date') return { places, step: null };
  const timed = places.filter(({ ms }) => ms !== null).sort((a, b) => (a.ms ?? 0) - (b.ms ?? 0));
  const step = stepOf(timed.map(({ ms }) => ms ?? 0));
  if (step === null) return { places: timed, step: null };
  const byMs = new Map(timed.map((place) => [place.ms, place]));
  const first = timed[0]?.ms ?? 0;
  const last = timed.at(-1)?.ms ?? 0;
  const filled = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, at): Place => {
    const ms = first + at * step;
    return byMs.get(ms) ?? { value: dayText(timed[0]?.value, ms, kind), ms };
  });
  return { places: filled, step };
}

/** Largest first, the epidemic's own words in their order; past three, the rest in one. */
function ordered(series: Series[]): Series[] {
  const sum = (one: Series): number => one.values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const known = series.every(({ name }) => FOUND.includes(name));
  series.sort((a, b) => (known ? FOUND.indexOf(a.name) - FOUND.indexOf(b.name) : sum(b) - sum(a)));
  const shown = series
    .slice(0, SERIES_MAX)
    .map((one, at) => ({ ...one, colour: known ? FOUND.indexOf(one.name) : at }));
  const others = series.slice(SERIES_MAX);
  if (others.length === 0) return shown;
  const values = (others[0]?.values ?? []).map((_, at) =>
    others.reduce<number>((total, one) => total + (one.values[at] ?? 0), 0),
  );
  return [...shown, { name: '', colour: null, values }];
}

/** Counts of a moment that no row names are zero; anything else that is missing is a gap. */
export function modelOf(held: Held, { x, ys, by, kind }: Picks): Model {
  const { places, step } = placesAlong(held, x);
  const at = new Map(places.map(({ value }, index) => [keyOf(value), index]));
  const empty = kind === 'epi' ? 0 : null;
  const series = new Map<string, Series>();
  const nameAt = (y: number): string => held.columns[y]?.name ?? '';
  const known = (key: string, name: string): Series => {
    const one = series.get(key) ?? { name, colour: series.size, values: places.map(() => empty) };
    series.set(key, one);
    return one;
  };
  for (const y of by === null ? ys : []) known(String(y), nameAt(y));
  for (const row of held.rows) {
    const place = at.get(keyOf(row[x]));
    if (place === undefined) continue;
    for (const y of ys) {
      const name = by === null ? nameAt(y) : String(row[by] ?? '');
      const { values } = known(by === null ? String(y) : name, name);
      const value = numberOf(row[y]);
      if (value !== null) values[place] = by === null ? value : (values[place] ?? 0) + value;
    }
  }
  const list = [...series.values()];
  return { places, series: by === null ? list : ordered(list), step };
}

/** From which place on days are still incomplete: today, and for days of onset those that reports still reach. */
export function incompleteFrom({ places, step }: Model, asOf: string | null, days: number): number | null {
  const now = parseTime(asOf);
  if (step !== DAY_MS || !now) return null;
  const dayOf = (ms: number, offsetMin: number): number => Math.floor((ms + offsetMin * 60_000) / DAY_MS);
  const today = dayOf(now.ms, now.offsetMin);
  const from = places.findIndex(({ value, ms }) => {
    const zone = typeof value === 'string' && value.length > 10 ? now.offsetMin : 0;
    const day = dayOf(ms ?? 0, zone);
    return day > today - days && day <= today;
  });
  return from < 0 ? null : from;
}

/** Round steps from zero; three or four of them. Nobody reads half a case along an axis of whole numbers. */
export function ticksOf(low: number, peak: number, whole = false): number[] {
  const rough = (peak - low || 1) / 3;
  const size = 10 ** Math.floor(Math.log10(rough));
  const round = size * (rough / size >= 5 ? 5 : rough / size >= 2 ? 2 : 1);
  const step = whole ? Math.max(1, round) : round;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(peak / step + 1e-9) - first + 1 }, (_, n) => (first + n) * step);
}
