import { describe, expect, it } from 'vitest';
import { parseTime, type CityTime } from '../time';
import { BARS, dayBars, SERIES_DAYS, seriesSpan } from './days';
import { hourMarks, lanePicture, merged, sharedMs, type Lane } from './lanes';
import { BINS, binned, weekBefore } from './minutes';

const at = (text: string): CityTime => parseTime(text) ?? { ms: 0, offsetMin: 0 };

describe('the bars of cases a day', () => {
  const items = Array.from({ length: SERIES_DAYS }, (_, day): [string, number] => [
    new Date(Date.UTC(2021, 9, 25 + day)).toISOString(),
    day,
  ]);

  it('are twenty-eight, each with the mean of seven days', () => {
    const days = dayBars(items, null);
    expect(days).toHaveLength(BARS);
    expect(days[0]).toMatchObject({ n: 6, mean: 3 });
  });

  it('end with the last 24 hours instead of the day that has just begun', () => {
    expect(dayBars(items, 728).at(-1)?.n).toBe(728);
  });

  it('have no mean before the seventh known day', () => {
    expect(dayBars(items.slice(0, 8), null).map((day) => day.mean)).toEqual([...Array(6).fill(null), 3, 4]);
  });

  it('are asked for by whole local days', () => {
    const span = seriesSpan(at('2021-11-27T14:32:05+07:00'), 34);
    expect(span.from.ms).toBe(Date.parse('2021-10-25T00:00:00+07:00'));
    expect(span.to.ms).toBe(Date.parse('2021-11-28T00:00:00+07:00'));
  });
});

describe('the curve of scans a minute', () => {
  const day = at('2021-11-27T00:00:00+07:00');
  const minute = (n: number): string => new Date(day.ms + n * 60_000).toISOString();

  it('is the mean of each ten minutes, zeros where nothing came', () => {
    const bins = binned(
      [
        [minute(0), 30],
        [minute(9), 10],
        [minute(25), 5],
      ],
      day,
      null,
    );
    expect(bins).toHaveLength(BINS);
    expect(bins.slice(0, 3)).toEqual([4, 0, 0.5]);
  });

  it('ends with the bin under way, without the minute under way', () => {
    const now = { ms: day.ms + 12.5 * 60_000, offsetMin: 420 };
    expect(
      binned(
        [
          [minute(10), 30],
          [minute(11), 10],
          [minute(12), 1],
        ],
        day,
        now,
      ),
    ).toEqual([0, 20]);
  });

  it('leaves out a bin that has only begun', () => {
    const now = { ms: day.ms + 10.5 * 60_000, offsetMin: 420 };
    expect(binned([[minute(0), 10]], day, now)).toEqual([1]);
  });

  it('is compared with the same weekday a week earlier', () => {
    expect(weekBefore(at('2021-11-27T14:32:05+07:00')).from.ms).toBe(Date.parse('2021-11-20T00:00:00+07:00'));
  });
});

describe('overlap lanes', () => {
  const hour = (n: number): number => n * 3_600_000;
  const lane = (person: string, ...spans: [number, number][]): Lane => ({
    person,
    stays: [],
    shared: spans.map(([from, to]) => ({ from: hour(from), to: hour(to), indirect: false })),
  });

  it('count time with two cases at once only once', () => {
    expect(sharedMs(lane('a', [1, 3], [2, 4]))).toBe(hour(3));
    expect(
      merged([
        { from: 5, to: 6 },
        { from: 1, to: 2 },
        { from: 2, to: 3 },
      ]),
    ).toEqual([
      { from: 1, to: 3 },
      { from: 5, to: 6 },
    ]);
  });

  it('put the longest shared time first and count those left out', () => {
    const picture = lanePicture([lane('f0')], [lane('a', [6, 7]), lane('b', [6, 9]), lane('c', [6, 8])], 2);
    expect(picture?.contacts.map((row) => row.person)).toEqual(['b', 'c']);
    expect(picture?.rest).toBe(1);
  });

  it('are no picture without any time', () => {
    expect(lanePicture([lane('f0')], [], 7)).toBeNull();
  });

  it('mark full hours, thinned where there are many', () => {
    expect(hourMarks(hour(6.2), hour(10.4)).map((ms) => ms / hour(1))).toEqual([7, 8, 9, 10]);
    expect(hourMarks(hour(0), hour(24)).length).toBeLessThanOrEqual(6);
  });
});
