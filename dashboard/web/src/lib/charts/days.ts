/** Cases a day: 28 bars, the last of which counts the last 24 hours, and the mean of seven days. */
import { DAY_MS, parseTime, startOfDay, type CityTime } from '../time';

export const BARS = 28;
const MEAN_DAYS = 7;
/** The bars, and the lead that the first mean needs. */
export const SERIES_DAYS = BARS + MEAN_DAYS - 1;

export interface Day {
  at: CityTime;
  n: number;
  /** Null where a day of the seven is not known. */
  mean: number | null;
}

/** From where to where the series is asked: whole local days up to and with today. */
export function seriesSpan(now: CityTime, days: number): { from: CityTime; to: CityTime } {
  const today = startOfDay(now);
  return {
    from: { ms: today.ms - (days - 1) * DAY_MS, offsetMin: now.offsetMin },
    to: { ms: today.ms + DAY_MS, offsetMin: now.offsetMin },
  };
}

/** `lastDay` stands for today's bar, so that it does not start at nothing each midnight. */
export function dayBars(items: [string, number | null][], lastDay: number | null): Day[] {
  const days = items.flatMap(([text, n]) => {
    const at = parseTime(text);
    return at ? [{ at, n: n ?? 0 }] : [];
  });
  const last = days.at(-1);
  if (last && lastDay !== null) last.n = lastDay;
  return days
    .map((day, index) => {
      const seven = days.slice(index - MEAN_DAYS + 1, index + 1);
      const mean = index >= MEAN_DAYS - 1 ? seven.reduce((sum, { n }) => sum + n, 0) / MEAN_DAYS : null;
      return { ...day, mean };
    })
    .slice(-BARS);
}
