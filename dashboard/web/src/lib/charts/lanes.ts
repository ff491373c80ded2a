/** Overlap lanes: who was at one place with whom, and when. F0 on top, then contacts by shared time. */

export interface Span {
  from: number;
  to: number;
}

export interface Shared extends Span {
  indirect: boolean;
}

export interface Lane {
  person: string;
  stays: Span[];
  shared: Shared[];
}

export interface LanePicture {
  cases: Lane[];
  contacts: Lane[];
  /** Contacts that are not drawn. */
  rest: number;
  from: number;
  to: number;
  /** Full hours to label, in milliseconds. */
  hours: number[];
}

const HOUR_MS = 3_600_000;
const HOUR_LABELS_MAX = 6;

export function sharedMs(lane: Lane): number {
  return merged(lane.shared).reduce((sum, span) => sum + span.to - span.from, 0);
}

/** Spans without overlaps: time with two F0 at once counts once. */
export function merged(spans: Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => a.from - b.from);
  const out: Span[] = [];
  for (const span of sorted) {
    const last = out.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else out.push({ from: span.from, to: span.to });
  }
  return out;
}

export function lanePicture(cases: Lane[], contacts: Lane[], contactsMax: number): LanePicture | null {
  const sorted = [...contacts].sort((a, b) => sharedMs(b) - sharedMs(a) || (a.person < b.person ? -1 : 1));
  const drawn = sorted.slice(0, contactsMax);
  const spans = [...cases, ...drawn].flatMap((lane) => [...lane.stays, ...lane.shared]);
  if (spans.length === 0) return null;
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  const first = [...cases].sort((a, b) => (a.stays[0]?.from ?? 0) - (b.stays[0]?.from ?? 0));
  return { cases: first, contacts: drawn, rest: sorted.length - drawn.length, from, to, hours: hourMarks(from, to) };
}

/** Full hours within, thinned so that their labels have room. */
export function hourMarks(from: number, to: number): number[] {
  const first = Math.ceil(from / HOUR_MS);
  const last = Math.floor(to / HOUR_MS);
  const step = Math.max(1, Math.ceil((last - first + 1) / HOUR_LABELS_MAX));
  const marks: number[] = [];
  for (let hour = first; hour <= last; hour += step) marks.push(hour * HOUR_MS);
  return marks;
}
