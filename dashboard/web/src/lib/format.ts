/** Numbers, dates and units as the look writes them, in both languages. */
import type { Unit } from '../wire';
import { DAY_MS, fields, HOUR_MS, MINUTE_MS, sameDay, type CityTime } from './time';

export type Lang = 'vi' | 'en';

/** Stands for what is not known; never "0" and never "N/A". */
export const NOTHING = '–';
const MINUS = '−';
const MILLION = 1_000_000;
/** From here on a share is written whole. */
const WHOLE_SHARE_FROM_PERCENT = 10;

const MARKS = { vi: { thousands: '.', decimal: ',' }, en: { thousands: ',', decimal: '.' } };
const MONTHS_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = {
  vi: ['Chủ Nhật', 'Thứ Hai', 'Thứ Ba', 'Thứ Tư', 'Thứ Năm', 'Thứ Sáu', 'Thứ Bảy'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
};

/** Half up on the decimal value, so that 59.85 is 59.9 although no double is exactly 59.85. */
function rounded(value: number, decimals: number): string {
  if (Number.isInteger(value)) return Math.abs(value).toFixed(decimals);
  const scale = 10 ** decimals;
  return (Math.round(Number((Math.abs(value) * scale).toPrecision(15))) / scale).toFixed(decimals);
}

export function decimal(value: number, decimals: number, lang: Lang): string {
  const [whole = '0', fraction] = rounded(value, decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, MARKS[lang].thousands);
  const text = fraction ? grouped + MARKS[lang].decimal + fraction : grouped;
  return value < 0 && Number(rounded(value, decimals)) !== 0 ? MINUS + text : text;
}

export function whole(value: number, lang: Lang): string {
  return decimal(value, 0, lang);
}

/** A count; from one million on in millions, shorter in tables. */
export function count(value: number, lang: Lang, inTable = false): string {
  if (Math.abs(value) < MILLION) return whole(value, lang);
  const millions = decimal(value / MILLION, inTable ? 1 : 2, lang);
  if (lang === 'en') return `${millions} M`;
  return `${millions} ${inTable ? 'tr' : 'triệu'}`;
}

export function percent(value: number, lang: Lang, decimals = 1): string {
  return `${decimal(value, decimals, lang)}%`;
}

/** A share that is no change and no coverage: one decimal only below ten per cent. */
export function share(value: number, lang: Lang): string {
  return percent(value, lang, Math.abs(value) < WHOLE_SHARE_FROM_PERCENT ? 1 : 0);
}

/** A difference of percentages. */
export function points(value: number, lang: Lang): string {
  return `${decimal(value, 1, lang)} ${lang === 'vi' ? 'điểm' : 'pts'}`;
}

const DECIMALS: Record<Unit, number> = {
  scans: 0,
  people: 0,
  venues: 0,
  cases: 0,
  scans_per_min: 0,
  level: 0,
  ids: 0,
  per_100k: 1,
  percent: 1,
  hours: 1,
};

/** The value of a figure, with the sign that belongs to its unit. */
export function figureValue(value: number | null | undefined, unit: Unit, lang: Lang, inTable = false): string {
  if (value == null) return NOTHING;
  if (unit === 'percent') return percent(value, lang);
  const decimals = DECIMALS[unit];
  return decimals ? decimal(value, decimals, lang) : count(value, lang, inTable);
}

const two = (n: number): string => String(n).padStart(2, '0');

export function clockTime(time: CityTime): string {
  const f = fields(time);
  return `${two(f.hour)}:${two(f.minute)}:${two(f.second)}`;
}

export function minuteTime(time: CityTime): string {
  const f = fields(time);
  return `${two(f.hour)}:${two(f.minute)}`;
}

export function shortDate(time: CityTime, lang: Lang): string {
  const f = fields(time);
  return lang === 'vi' ? `${two(f.day)}/${two(f.month)}` : `${f.day} ${MONTHS_EN[f.month - 1]}`;
}

export function fullDate(time: CityTime, lang: Lang): string {
  return `${shortDate(time, lang)}${lang === 'vi' ? '/' : ' '}${fields(time).year}`;
}

export function longDate(time: CityTime, lang: Lang): string {
  const day = WEEKDAYS[lang][fields(time).weekday];
  return lang === 'vi' ? `${day}, ${fullDate(time, lang)}` : `${day} ${fullDate(time, lang)}`;
}

/** Time of day alone on the same date, else with the date before it. */
export function when(time: CityTime, now: CityTime | null, lang: Lang): string {
  const clock = minuteTime(time);
  return now && sameDay(time, now) ? clock : `${shortDate(time, lang)}, ${clock}`;
}

export function hourAxis(hour: number, lang: Lang): string {
  return lang === 'vi' ? `${hour} h` : `${hour}:00`;
}

/** A length of time in its largest whole unit: "41 phút", "2 giờ", "3 ngày". */
export function span(ms: number, lang: Lang): string {
  const size = Math.max(0, ms);
  if (size < MINUTE_MS) return `${Math.floor(size / 1000)} ${lang === 'vi' ? 'giây' : 's'}`;
  if (size < HOUR_MS) return `${Math.floor(size / MINUTE_MS)} ${lang === 'vi' ? 'phút' : 'min'}`;
  if (size < 2 * DAY_MS) return `${Math.floor(size / HOUR_MS)} ${lang === 'vi' ? 'giờ' : 'h'}`;
  return `${Math.floor(size / DAY_MS)} ${lang === 'vi' ? 'ngày' : 'd'}`;
}

export function age(ms: number, lang: Lang): string {
  if (ms < MINUTE_MS) return lang === 'vi' ? 'vừa xong' : 'just now';
  return `${span(ms, lang)} ${lang === 'vi' ? 'trước' : 'ago'}`;
}

/** Time spent, in minutes, and from two hours on in hours with one decimal. */
export function spent(seconds: number, lang: Lang): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} ${lang === 'vi' ? 'phút' : 'min'}`;
  return `${decimal(seconds / 3600, 1, lang)} ${lang === 'vi' ? 'giờ' : 'h'}`;
}

export function secondsBehind(ms: number, lang: Lang): string {
  return `${decimal(ms / 1000, 1, lang)} ${lang === 'vi' ? 'giây' : 's'}`;
}
