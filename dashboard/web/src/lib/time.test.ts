import { describe, expect, it } from 'vitest';
import { fields, parseTime, plus, sameDay, startOfDay, toRfc3339, DAY_MS } from './time';

describe('a time of the server', () => {
  it('is written back as it came', () => {
    for (const text of ['2021-10-15T08:31:07+07:00', '2021-10-15T23:59:59-03:30', '2021-10-15T00:00:00+00:00']) {
      expect(toRfc3339(parseTime(text) ?? { ms: 0, offsetMin: 0 })).toBe(text);
    }
  });

  it('is null where the text is no time', () => {
    expect(parseTime(null)).toBeNull();
    expect(parseTime('')).toBeNull();
    expect(parseTime('yesterday')).toBeNull();
  });

  it('begins its day at local midnight', () => {
    const night = parseTime('2021-10-15T00:30:00+07:00');
    expect(night && toRfc3339(startOfDay(night))).toBe('2021-10-15T00:00:00+07:00');
    expect(night && sameDay(night, plus(night, DAY_MS - 1_800_001))).toBe(true);
    expect(night && sameDay(night, plus(night, -1_800_001))).toBe(false);
    expect(night && fields(night).weekday).toBe(5);
  });
});
