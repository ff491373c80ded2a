/** The overlap lanes of a case: one local day of its listed meetings. */
import { lanePicture, merged, type Lane, type LanePicture } from '../lib/charts/lanes';
import { DAY_MS, parseTime, startOfDay, toRfc3339 } from '../lib/time';
import type { ContactRow, VisitRow } from '../wire';

export interface DayOfMeetings {
  /** Local midnight. */
  day: string;
  contacts: number;
}

function dayOf(text: string): string | null {
  const time = parseTime(text);
  return time && toRfc3339(startOfDay(time));
}

/** The days on which the case met somebody, the latest first. */
export function meetingDays(contacts: ContactRow[]): DayOfMeetings[] {
  const people = new Map<string, Set<string>>();
  for (const contact of contacts) {
    for (const overlap of contact.overlaps) {
      const day = dayOf(overlap.from);
      if (!day) continue;
      const met = people.get(day);
      if (met) met.add(contact.person);
      else people.set(day, new Set([contact.person]));
    }
  }
  return [...people].map(([day, met]) => ({ day, contacts: met.size })).sort((a, b) => (a.day < b.day ? 1 : -1));
}

function span(from: string, to: string, start: number): { from: number; to: number } | null {
  const begin = parseTime(from)?.ms ?? 0;
  const end = parseTime(to)?.ms ?? 0;
  const cut = { from: Math.max(begin, start), to: Math.min(end, start + DAY_MS) };
  return cut.to > cut.from ? cut : null;
}

/** The case's stays at the places where it met somebody that day, and each contact's shared time. */
export function casePicture(
  person: string,
  contacts: ContactRow[],
  visits: VisitRow[],
  day: string,
  rowsMax: number,
): LanePicture | null {
  const start = parseTime(day)?.ms;
  if (start === undefined) return null;
  const lanes: Lane[] = [];
  const places = new Set<string>();
  for (const contact of contacts) {
    const today = contact.overlaps.flatMap((overlap) => {
      const cut = span(overlap.from, overlap.to, start);
      return cut ? [{ ...cut, indirect: overlap.indirect, venue: overlap.venue }] : [];
    });
    if (today.length === 0) continue;
    for (const overlap of today) places.add(overlap.venue);
    lanes.push({ person: contact.person, stays: [], shared: today });
  }
  const stays = visits.flatMap((visit) => {
    const cut = places.has(visit.venue) ? span(visit.from, visit.to, start) : null;
    return cut ? [cut] : [];
  });
  // Without the visits (too old, or not read yet) the shared time says at least where the case was.
  const known = stays.length > 0 ? stays : merged(lanes.flatMap((lane) => lane.shared));
  return lanePicture([{ person, stays: known, shared: [] }], lanes, rowsMax);
}
