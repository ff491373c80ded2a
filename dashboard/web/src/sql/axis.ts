/** Which places along x have their names under them. */
import { DAY_MS, HOUR_MS, MINUTE_MS, parseTime } from '../lib/time';
import type { Model } from './series';

/** Steps of a clock that people read at a glance. */
const ROUND_MS = [
  ...[1, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];
const ROUND_DAYS = [1, 2, 7, 14, 28, 56, 91, 182, 364];

/** Whole hours of the city's clock; null where no place falls on any. */
function byClock({ places, step }: Model, leastMs: number): number[] | null {
  const round = ROUND_MS.find((ms) => ms >= leastMs && step !== null && ms % step === 0);
  if (!round) return null;
  const found = places.flatMap(({ value, ms }, n) => {
    const offsetMin = typeof value === 'string' ? (parseTime(value)?.offsetMin ?? 0) : 0;
    return ms !== null && (ms + offsetMin * MINUTE_MS) % round === 0 ? [n] : [];
  });
  return found.length > 1 ? found : null;
}

/** No more than `most`. Days are counted back from the last, which is the one people look for. */
export function marked(model: Model, most: number): number[] {
  const { places, step } = model;
  const every = Math.max(1, Math.ceil(places.length / Math.max(1, most)));
  const clock = step !== null && step < DAY_MS ? byClock(model, step * every) : null;
  if (clock) return clock;
  const days = step === null ? 0 : step / DAY_MS;
  const rounded = days >= 1 ? (ROUND_DAYS.find((round) => round >= every * days && round % days === 0) ?? 0) / days : 0;
  const by = rounded || every;
  const from = step === null ? 0 : (places.length - 1) % by;
  return places.flatMap((_, n) => (n >= from && (n - from) % by === 0 ? [n] : []));
}
