/** The picture of a cluster: the listed overlaps at one venue of the F0 who were there, on one local day. */
import { address, readAddress, segment } from '../lib/api';
import { lanePicture, type Lane, type LanePicture, type Shared, type Span } from '../lib/charts/lanes';
import { DAY_MS, parseTime, startOfDay, toRfc3339 } from '../lib/time';
import type { ContactRow, Page, PresentRow } from '../wire';

const PRESENT_PAGES_MAX = 5;
const PAGE_ROWS = 1000;
/** More F0 than this are not drawn; the lists have them. */
const CASES_MAX = 5;
export const CONTACT_LANES = 7;

export interface ClusterPicture {
  picture: LanePicture;
  /** Local midnight of the day drawn. */
  day: string;
  offsetMin: number;
  /** A list was longer than what was read. */
  partly: boolean;
}

interface Read<Row> {
  rows: Row[];
  partly: boolean;
}

async function readPages<Row>(path: string, query: Record<string, string>, signal: AbortSignal): Promise<Read<Row>> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PRESENT_PAGES_MAX; page += 1) {
    const url: string = address(path, { ...query, limit: PAGE_ROWS, cursor });
    const answer: Page<Row> = await readAddress<Page<Row>>(url, signal);
    rows.push(...answer.items);
    cursor = answer.next;
    if (!cursor) return { rows, partly: false };
  }
  return { rows, partly: true };
}

function spanOf(row: { from: string; to: string }): Span {
  return { from: parseTime(row.from)?.ms ?? 0, to: parseTime(row.to)?.ms ?? 0 };
}

const dayStart = (text: string): string | null => {
  const time = parseTime(text);
  return time && toRfc3339(startOfDay(time));
};

/** The day on which the most people were together with the cases. */
export function busiestDay(contacts: Map<string, ContactRow[]>, venue: string): string | null {
  const met = new Map<string, Set<string>>();
  for (const rows of contacts.values()) {
    for (const row of rows) {
      for (const overlap of row.overlaps) {
        const day = overlap.venue === venue ? dayStart(overlap.from) : null;
        if (!day) continue;
        const people = met.get(day);
        if (people) people.add(row.person);
        else met.set(day, new Set([row.person]));
      }
    }
  }
  return [...met].sort(([a, x], [b, y]) => y.size - x.size || (a < b ? 1 : -1))[0]?.[0] ?? null;
}

/** Lanes of one day out of who was there and the listed overlaps. */
export function clusterLanes(
  present: PresentRow[],
  contacts: Map<string, ContactRow[]>,
  venue: string,
  day: string,
): LanePicture | null {
  const start = parseTime(day)?.ms ?? 0;
  const today = (span: Span): boolean => span.from >= start && span.from < start + DAY_MS;
  const stays = new Map<string, Span[]>();
  for (const row of present) {
    const span = spanOf(row);
    if (today(span)) stays.set(row.person, [...(stays.get(row.person) ?? []), span]);
  }
  const shared = new Map<string, Shared[]>();
  for (const rows of contacts.values()) {
    for (const row of rows) {
      for (const overlap of row.overlaps) {
        const span = { ...spanOf(overlap), indirect: overlap.indirect };
        if (overlap.venue !== venue || !today(span) || contacts.has(row.person)) continue;
        shared.set(row.person, [...(shared.get(row.person) ?? []), span]);
      }
    }
  }
  const lane = (person: string): Lane => ({
    person,
    stays: stays.get(person) ?? [],
    shared: shared.get(person) ?? [],
  });
  const cases = [...contacts.keys()].map(lane).filter(({ stays: own }) => own.length > 0);
  return lanePicture(cases, [...shared.keys()].map(lane), CONTACT_LANES);
}

export async function readCluster(venue: string, signal: AbortSignal): Promise<ClusterPicture | null> {
  const present = await readPages<PresentRow>(`venues/${segment(venue)}/present`, {}, signal);
  const cases = [...new Set(present.rows.filter((row) => row.class === 'f0').map((row) => row.person))];
  const contacts = new Map<string, ContactRow[]>();
  let partly = present.partly || cases.length > CASES_MAX;
  for (const person of cases.slice(0, CASES_MAX)) {
    const read = await readPages<ContactRow>(`cases/${segment(person)}/contacts`, {}, signal);
    const here = read.rows.filter((row) => row.overlaps.some((overlap) => overlap.venue === venue));
    if (here.length > 0) contacts.set(person, here);
    partly ||= read.partly;
  }
  const day = busiestDay(contacts, venue);
  const picture = day ? clusterLanes(present.rows, contacts, venue, day) : null;
  return picture && day ? { picture, day, offsetMin: parseTime(day)?.offsetMin ?? 0, partly } : null;
}
