/** Scans a minute through a day, in bins, so that the curve is calm and small. */
import { DAY_MS, MINUTE_MS, parseTime, startOfDay, type CityTime } from '../time';

const BIN_MINUTES = 10;
export const BINS = (24 * 60) / BIN_MINUTES;

/** Mean scans a minute of each bin of the local day that starts at `day`; up to `now`, if given. */
export function binned(items: Iterable<[string, number | null]>, day: CityTime, now: CityTime | null): number[] {
  const sums = new Array<number>(BINS).fill(0);
  // The minute under way is not over, so it says nothing yet.
  const endMs = now ? Math.floor(now.ms / MINUTE_MS) * MINUTE_MS : Infinity;
  for (const [text, n] of items) {
    const at = parseTime(text);
    const bin = at && at.ms < endMs ? Math.floor((at.ms - day.ms) / (BIN_MINUTES * MINUTE_MS)) : -1;
    if (bin >= 0 && bin < BINS) sums[bin] = (sums[bin] ?? 0) + (n ?? 0);
  }
  const means = sums.map((sum) => sum / BIN_MINUTES);
  return now ? cutAt(means, sums, (now.ms - day.ms) / MINUTE_MS) : means;
}

/** The bin under way is divided by its minutes so far; one that has only begun is left out. */
function cutAt(means: number[], sums: number[], minutes: number): number[] {
  const bin = Math.floor(minutes / BIN_MINUTES);
  const begun = Math.floor(minutes - bin * BIN_MINUTES);
  const past = means.slice(0, Math.max(0, Math.min(BINS, bin)));
  if (begun >= 2 && bin < BINS) past.push((sums[bin] ?? 0) / begun);
  return past;
}

/** The same weekday a week earlier: its start, and that of the day after. */
export function weekBefore(now: CityTime): { from: CityTime; to: CityTime } {
  const from = startOfDay({ ms: now.ms - 7 * DAY_MS, offsetMin: now.offsetMin });
  return { from, to: { ms: from.ms + DAY_MS, offsetMin: from.offsetMin } };
}
