/** Numbers as the pages must write them, by the platform's own rules and not by the pages' code. */

const LOCALES = { vi: 'vi-VN', en: 'en-GB' };
const ONE_DECIMAL = new Set(['per_100k', 'percent', 'hours']);

export function written(figure, lang) {
  if (figure.value === null || figure.value === undefined) return '–';
  const digits = ONE_DECIMAL.has(figure.unit) ? 1 : 0;
  const format = new Intl.NumberFormat(LOCALES[lang], { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const text = format.format(figure.value).replace('-', '−');
  return figure.unit === 'percent' ? `${text}%` : text;
}

export function whole(value, lang) {
  return written({ value, unit: 'cases' }, lang);
}

/** A name without its kind of area, as lists show it. */
export function bare(row, lang) {
  return lang === 'en' ? row.name_en : row.name_vi.replace(/^(Quận|Huyện|Thị xã|Phường|Xã|Thị trấn) /, '');
}

/** Hour and minute of a time of the city. */
export function clock(time) {
  return time.slice(11, 16);
}
