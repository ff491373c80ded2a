/** Times as the server writes them: the city's own zone stays in the text, so no zone table is needed here. */

export interface CityTime {
  /** Milliseconds since 1970-01-01 UTC. */
  ms: number;
  offsetMin: number;
}

export interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 is Sunday. */
  weekday: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const OFFSET = /(?:Z|([+-])(\d\d):(\d\d))$/;

/** Null for what is no time. A date alone is its midnight UTC. */
export function parseTime(text: string | null | undefined): CityTime | null {
  if (!text) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return null;
  const [, sign, hours, minutes] = OFFSET.exec(text) ?? [];
  const size = sign ? Number(hours) * 60 + Number(minutes) : 0;
  return { ms, offsetMin: sign === '-' ? -size : size };
}

export function fields(time: CityTime): Fields {
  const local = new Date(time.ms + time.offsetMin * MINUTE_MS);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: local.getUTCDay(),
  };
}

export function plus(time: CityTime, ms: number): CityTime {
  return { ms: time.ms + ms, offsetMin: time.offsetMin };
}

/** 00:00 of the local date. A zone that shifts its clock within the day is not followed. */
export function startOfDay(time: CityTime): CityTime {
  const localMs = time.ms + time.offsetMin * MINUTE_MS;
  return plus(time, -(((localMs % DAY_MS) + DAY_MS) % DAY_MS));
}

export function sameDay(a: CityTime, b: CityTime): boolean {
  return startOfDay(a).ms === startOfDay(b).ms;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** RFC 3339 with the time's own offset, whole seconds. */
export function toRfc3339(time: CityTime): string {
  const f = fields(time);
  const size = Math.abs(time.offsetMin);
  const offset = `${time.offsetMin < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${f.year}-${two(f.month)}-${two(f.day)}T${two(f.hour)}:${two(f.minute)}:${two(f.second)}${offset}`;
}
