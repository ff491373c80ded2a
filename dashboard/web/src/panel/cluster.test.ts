import { describe, expect, it } from 'vitest';
import type { ContactRow, PresentRow } from '../wire';
import { casePicture, meetingDays } from './caselanes';
import { busiestDay, clusterLanes } from './cluster';

const at = (day: number, hour: number): string =>
  `2021-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00+07:00`;

function contact(person: string, day: number, from: number, to: number, venue = 'V'): ContactRow {
  return {
    person,
    first: at(day, from),
    last: at(day, to),
    seconds: (to - from) * 3600,
    indirect_seconds: 0,
    overlaps: [{ venue, venue_name: null, from: at(day, from), to: at(day, to), indirect: false }],
    score: 1,
    class: 'f1',
  };
}

function present(person: string, day: number, from: number, to: number): PresentRow {
  return { person, class: null, from: at(day, from), to: at(day, to), seconds: (to - from) * 3600 };
}

describe('the picture of a cluster', () => {
  const contacts = new Map([
    ['F0', [contact('a', 24, 7, 9), contact('b', 24, 8, 9), contact('c', 25, 7, 8), contact('d', 26, 1, 9, 'W')]],
  ]);

  it('is of the day with the most people at that venue', () => {
    expect(busiestDay(contacts, 'V')).toBe(at(24, 0));
    expect(busiestDay(contacts, 'X')).toBeNull();
  });

  it('has the stays of all and the listed time with a case', () => {
    const rows = [present('F0', 24, 7, 10), present('a', 24, 6, 9), present('b', 24, 8, 11), present('c', 25, 7, 8)];
    const picture = clusterLanes(rows, contacts, 'V', at(24, 0));
    expect(picture?.cases.map((lane) => lane.person)).toEqual(['F0']);
    expect(picture?.contacts.map((lane) => lane.person)).toEqual(['a', 'b']);
    expect(picture?.contacts[0]?.stays[0]).toEqual({ from: Date.parse(at(24, 6)), to: Date.parse(at(24, 9)) });
  });
});

describe('the lanes of a case', () => {
  const contacts = [contact('a', 24, 7, 9), contact('b', 25, 8, 9), contact('c', 25, 7, 8)];

  it('list its days, the latest first', () => {
    expect(meetingDays(contacts)).toEqual([
      { day: at(25, 0), contacts: 2 },
      { day: at(24, 0), contacts: 1 },
    ]);
  });

  it('show one day, and where visits are unknown the shared time of the case', () => {
    const picture = casePicture('F0', contacts, [], at(25, 0), 14);
    expect(picture?.contacts.map((lane) => lane.person)).toEqual(['b', 'c']);
    expect(picture?.cases[0]?.stays).toEqual([{ from: Date.parse(at(25, 7)), to: Date.parse(at(25, 9)) }]);
  });
});
