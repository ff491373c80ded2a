import { describe, expect, it } from 'vitest';
import * as format from './format';
import { parseTime, type CityTime } from './time';

const at = (text: string): CityTime => {
  const time = parseTime(text);
  if (!time) throw new Error(`no time: ${text}`);
  return time;
};

describe('numbers', () => {
  it('groups thousands and marks decimals as each language does', () => {
    expect(format.whole(31840, 'vi')).toBe('31.840');
    expect(format.whole(31840, 'en')).toBe('31,840');
    expect(format.decimal(59.8, 1, 'vi')).toBe('59,8');
    expect(format.decimal(59.8, 1, 'en')).toBe('59.8');
    expect(format.whole(1234567, 'vi')).toBe('1.234.567');
  });

  it('rounds half up on the decimal value, also where no double is exact', () => {
    expect(format.decimal(59.85, 1, 'en')).toBe('59.9');
    expect(format.decimal(1.005, 2, 'en')).toBe('1.01');
    expect(format.decimal(0.05, 1, 'en')).toBe('0.1');
  });

  it('writes millions in words, shorter in tables', () => {
    expect(format.count(10_990_000, 'vi')).toBe('10,99 triệu');
    expect(format.count(10_990_000, 'en')).toBe('10.99 M');
    expect(format.count(10_990_000, 'vi', true)).toBe('11,0 tr');
    expect(format.count(999_999, 'vi')).toBe('999.999');
  });

  it('uses the true minus, and none before a zero', () => {
    expect(format.decimal(-4.25, 1, 'en')).toBe('−4.3');
    expect(format.decimal(-0.04, 1, 'en')).toBe('0.0');
  });

  it('writes shares whole from ten per cent and points in words', () => {
    expect(format.percent(22, 'vi')).toBe('22,0%');
    expect(format.share(22, 'vi')).toBe('22%');
    expect(format.share(9.94, 'en')).toBe('9.9%');
    expect(format.points(1.9, 'vi')).toBe('1,9 điểm');
    expect(format.points(1.9, 'en')).toBe('1.9 pts');
  });

  it('writes a figure by its unit, and a dash where nothing is known', () => {
    expect(format.figureValue(728, 'cases', 'vi')).toBe('728');
    expect(format.figureValue(59.77, 'per_100k', 'vi')).toBe('59,8');
    expect(format.figureValue(76.4, 'percent', 'en')).toBe('76.4%');
    expect(format.figureValue(19.5, 'hours', 'vi')).toBe('19,5');
    expect(format.figureValue(null, 'cases', 'vi')).toBe('–');
    expect(format.figureValue(0, 'cases', 'vi')).toBe('0');
  });
});

describe('dates and times', () => {
  const time = at('2021-11-27T14:32:05+07:00');

  it('shows the local fields of the offset that came with the time', () => {
    expect(format.clockTime(time)).toBe('14:32:05');
    expect(format.clockTime(at('2021-11-27T07:32:05Z'))).toBe('07:32:05');
  });

  it('writes dates short, full and long', () => {
    expect(format.shortDate(time, 'vi')).toBe('27/11');
    expect(format.shortDate(time, 'en')).toBe('27 Nov');
    expect(format.fullDate(time, 'vi')).toBe('27/11/2021');
    expect(format.fullDate(time, 'en')).toBe('27 Nov 2021');
    expect(format.longDate(time, 'vi')).toBe('Thứ Bảy, 27/11/2021');
    expect(format.longDate(time, 'en')).toBe('Saturday 27 Nov 2021');
    expect(format.shortDate(at('2021-03-04T00:00:00+07:00'), 'vi')).toBe('04/03');
    expect(format.shortDate(at('2021-03-04T00:00:00+07:00'), 'en')).toBe('4 Mar');
  });

  it('leaves the date out on the same day', () => {
    expect(format.when(at('2021-11-27T09:05:00+07:00'), time, 'vi')).toBe('09:05');
    expect(format.when(at('2021-11-26T09:05:00+07:00'), time, 'vi')).toBe('26/11, 09:05');
  });

  it('labels hours as each language does', () => {
    expect(format.hourAxis(6, 'vi')).toBe('6 h');
    expect(format.hourAxis(6, 'en')).toBe('6:00');
  });
});

describe('ages and lengths', () => {
  it('gives the largest whole unit', () => {
    expect(format.age(3 * 60_000, 'vi')).toBe('3 phút trước');
    expect(format.age(3 * 60_000, 'en')).toBe('3 min ago');
    expect(format.age(59_000, 'vi')).toBe('vừa xong');
    expect(format.span(2 * 3_600_000, 'vi')).toBe('2 giờ');
    expect(format.span(2 * 3_600_000, 'en')).toBe('2 h');
    expect(format.span(41 * 60_000, 'vi')).toBe('41 phút');
    expect(format.span(50 * 3_600_000, 'en')).toBe('2 d');
  });

  it('says how far behind in tenths of a second', () => {
    expect(format.secondsBehind(400, 'vi')).toBe('0,4 giây');
    expect(format.secondsBehind(400, 'en')).toBe('0.4 s');
  });

  it('gives time spent in minutes, later in hours', () => {
    expect(format.spent(900, 'vi')).toBe('15 phút');
    expect(format.spent(8700, 'vi')).toBe('2,4 giờ');
  });
});
