/** Lengths of time as the endpoint writes them: `P1DT2H`, `-PT90S`, or in words, `2 days 3 hours 0.5 secs`. */
import { decimal, whole, type Lang } from '../lib/format';

export interface Span {
  months: number;
  seconds: number;
}

const DAY_S = 86_400;
/** Only for putting months in order among days. */
const MONTH_S = 30.4375 * DAY_S;
const ISO =
  /^(-?)P(?:(-?[\d.]+)Y)?(?:(-?[\d.]+)M)?(?:(-?[\d.]+)W)?(?:(-?[\d.]+)D)?(?:T(?:(-?[\d.]+)H)?(?:(-?[\d.]+)M)?(?:(-?[\d.]+)S)?)?$/;
const UNITS: [RegExp, keyof Span, number][] = [
  [/^years?$/, 'months', 12],
  [/^mons?$|^months?$/, 'months', 1],
  [/^weeks?$/, 'seconds', 7 * DAY_S],
  [/^days?$/, 'seconds', DAY_S],
  [/^hours?$/, 'seconds', 3_600],
  [/^mins?$|^minutes?$/, 'seconds', 60],
  [/^secs?$|^seconds?$/, 'seconds', 1],
];

function ofIso(text: string): Span | null {
  const found = ISO.exec(text);
  if (!found) return null;
  const sign = found[1] ? -1 : 1;
  const [years, months, weeks, days, hours, minutes, seconds] = found.slice(2).map((part) => Number(part ?? 0) * sign);
  return {
    months: (years ?? 0) * 12 + (months ?? 0),
    seconds:
      (weeks ?? 0) * 7 * DAY_S + (days ?? 0) * DAY_S + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0),
  };
}

export function parseSpan(text: string): Span | null {
  const iso = ofIso(text);
  if (iso) return iso;
  const parts = text.trim().split(/\s+/);
  const span: Span = { months: 0, seconds: 0 };
  if (parts.length < 2 || parts.length % 2 > 0) return null;
  for (let at = 0; at < parts.length; at += 2) {
    const size = Number(parts[at]);
    const unit = UNITS.find(([pattern]) => pattern.test(parts[at + 1] ?? ''));
    if (!Number.isFinite(size) || !unit) return null;
    span[unit[1]] += size * unit[2];
  }
  return span;
}

export const spanSeconds = ({ months, seconds }: Span): number => months * MONTH_S + seconds;

const two = (n: number): string => String(n).padStart(2, '0');

/** "2 ngày 03:00:00", "−1 tháng 00:00:00": the day's part as a clock, so that columns of them stand in order. */
export function spanText({ months, seconds }: Span, lang: Lang): string {
  const size = Math.abs(seconds);
  const days = Math.floor(size / DAY_S);
  const within = size % DAY_S;
  const rest = Math.round((within % 60) * 1_000) / 1_000;
  const secs = Number.isInteger(rest) ? two(rest) : decimal(rest, 1, lang).padStart(4, '0');
  const clock = `${two(Math.floor(within / 3_600))}:${two(Math.floor((within % 3_600) / 60))}:${secs}`;
  const minus = (value: number): string => (value < 0 ? '−' : '');
  const parts: string[] = [];
  if (months) parts.push(`${minus(months)}${whole(Math.abs(months), lang)} ${lang === 'vi' ? 'tháng' : 'mo'}`);
  const dayPart = days ? `${whole(days, lang)} ${lang === 'vi' ? 'ngày' : 'd'} ` : '';
  if (size || !months) parts.push(`${minus(seconds)}${dayPart}${clock}`);
  return parts.join(' ');
}
