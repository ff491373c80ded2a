/** Made by `make gen` from dashboard/src/wire.rs; do not edit. What the server sends, contract version 1. */

export type FigureName =
  | 'scans_today'
  | 'people_today'
  | 'present_now'
  | 'venues_active'
  | 'venues_silent'
  | 'f0_new_24h'
  | 'f0_new_7d'
  | 'f0_active'
  | 'f0_recovered'
  | 'f1_open'
  | 'f2_open'
  | 'incidence_7d_100k'
  | 'vaccine_1_pct'
  | 'vaccine_full_pct'
  | 'vaccine_full_50_pct'
  | 'breaches_24h'
  | 'scans_per_min'
  | 'f1_overdue_24h'
  | 'contacts_found_24h_pct'
  | 'known_contacts_pct'
  | 'report_delay_h'
  | 'level'
  | 'id_conflicts'
  | 'venues_unknown'
  | 'venues_off_map';

export type Unit =
  | 'cases'
  | 'hours'
  | 'ids'
  | 'level'
  | 'people'
  | 'per_100k'
  | 'percent'
  | 'scans'
  | 'scans_per_min'
  | 'venues';

export type Severity =
  | 'critical'
  | 'high'
  | 'medium'
  | 'notice';

export type AlertState =
  | 'open'
  | 'acknowledged'
  | 'silenced'
  | 'ended';

export type ServiceState =
  | 'cut'
  | 'catching_up'
  | 'settling'
  | 'waiting'
  | 'live';

export type Clock =
  | 'wall'
  | 'events'
  | 'simulated';

export type Figures = Partial<Record<FigureName, FigureValue>>;

export type Stamped<T> = { stream_seq: number; event_time: string | null } & T;

/**
 * A number in its shortest form: 10, not 10.0.
 */
export type Num = number;

/**
 * A list, or a page of one.
 */
export type Page<T> = { stream_seq: number, event_time: string | null, items: Array<T>, 
/**
 * Where the next page begins; null on the last.
 */
next: string | null, };

/**
 * A figure now, and as it was shown a day and a week before.
 */
export type FigureValue = { value?: Num | null, unit: Unit, day_before?: Num | null, week_before?: Num | null, 
/**
 * Why there is no value.
 */
null?: 'unknown' | 'hidden', 
/**
 * Of a figure that may be old: the moment it is true for.
 */
as_of?: string | null, 
/**
 * Of `level`: the name of its table.
 */
table?: string | null, };

/**
 * The city's figures.
 */
export type City = { figures: Figures, };

/**
 * A district or a ward with its figures.
 */
export type AreaRow = { code: string, name_vi: string, name_en: string, 
/**
 * Of a ward: its district's code.
 */
district?: string, figures: Figures, };

/**
 * The cells of a layer at a resolution.
 */
export type Hexes = { stream_seq: number, event_time: string | null, items: Array<[string, Num, number]>, next: string | null, bounds: [Num, Num, Num, Num], unit: 'risk' | 'people' | 'cases', };

/**
 * A venue: its record, its last scan, who is there.
 */
export type VenueRow = { venue: string, name: string | null, type: string, district: string | null, ward: string | null, lat: Num | null, lon: Num | null, capacity: number | null, last_scan: string | null, present_now: number, 
/**
 * Scans are expected there, and none came for 24 hours.
 */
silent: boolean, 
/**
 * Has a record.
 */
known: boolean, };

/**
 * A value and its band.
 */
export type CellValue = { value: Num, band: number, };

/**
 * The three layers at one cell.
 */
export type CellLayers = { risk: CellValue, presence: CellValue, cases: CellValue, };

/**
 * What is behind one cell.
 */
export type Cell = { cell: string, layers: CellLayers, district: string | null, ward: string | null, venues: Array<VenueRow>, 
/**
 * There are more venues and cases than an answer holds.
 */
truncated: boolean, cases: Array<string>, };

/**
 * An episode of a case.
 */
export type CaseRow = { person: string, episode: number, reported: string, onset: string | null, sampled: string | null, isolated_at: string | null, from: string, to: string, ended: string | null, outcome: 'recovered' | 'cleared' | 'deceased' | null, found: 'community' | 'quarantine' | 'import' | null, district: string | null, ward: string | null, contacts: number, contacts_f0: number, };

/**
 * A part of a meeting.
 */
export type Overlap = { venue: string, venue_name: string | null, from: string, to: string, indirect: boolean, };

/**
 * A contact of a case; an F2 has `via` instead of a score.
 */
export type ContactRow = { person: string, first: string, last: string, seconds: number, indirect_seconds: number, overlaps: Array<Overlap>, score?: Num, class: 'f0' | 'f1' | 'f2', via?: Array<string>, };

/**
 * A link of a chain: the contact, and whom it met in turn.
 */
export type Link = { 
/**
 * Of class f0.
 */
reported?: string, children: Array<Link>, person: string, first: string, last: string, seconds: number, indirect_seconds: number, overlaps: Array<Overlap>, score?: Num, class: 'f0' | 'f1' | 'f2', via?: Array<string>, };

/**
 * Who met whom, from a case on.
 */
export type Chain = { person: string, class: 'f0', reported: string | null, children: Array<Link>, 
/**
 * The chain was cut at its bound of people.
 */
truncated?: boolean, };

/**
 * Where a case may have been infected.
 */
export type BackwardRow = { venue: string, hour: string, seconds: number, f0: number, score: Num, };

/**
 * A visit.
 */
export type VisitRow = { venue: string, from: string, to: string, open: boolean, };

/**
 * Somebody at a venue.
 */
export type PresentRow = { person: string, class: 'f0' | 'f1' | null, from: string, to: string, seconds: number, };

/**
 * An F1 to reach.
 */
export type FollowRow = { person: string, 
/**
 * A date.
 */
last_exposure: string, due: string | null, told: string | null, cases: Array<string>, district: string | null, };

/**
 * How many of a cluster's contacts are of class f0 and f1.
 */
export type Facts = { f0: number, f1: number, };

/**
 * An alert as HTTP, the websocket and the subject `alert.<district>` give it.
 */
export type AlertRow = { id: string, rule: 'isolation_breach' | 'cluster', severity: Severity, district?: string | null, ward?: string | null, venue?: string | null, venue_name?: string | null, lat?: Num | null, lon?: Num | null, person?: string | null, state: AlertState, value: number, since: string, changed: string, ended?: string | null, silenced_until?: string | null, acknowledged_by?: string | null, note?: string | null, 
/**
 * Of a cluster.
 */
facts?: Facts, };

/**
 * When the last of each came.
 */
export type Arrived = { scan: string | null, case: string | null, };

/**
 * The sentence at the top, and the city's level.
 */
export type Headline = { rule: 'not_live' | 'untaken' | 'level_4' | 'up' | 'down' | 'none' | 'flat', level: number | null, vi: string, en: string, };

/**
 * What is being read back.
 */
export type CatchUp = { from_seq: number, head_seq: number, 
/**
 * Seconds it will still take, where that can be told.
 */
left_s: number | null, };

/**
 * A sentence in both languages.
 */
export type Words = { vi: string, en: string, };

/**
 * `GET /api/v1/status`, and each second to every websocket.
 */
export type Status = { stream_seq: number, stream_head: number, event_time: string | null, server_time: string, behind_events: number, behind_ms: number, events_per_s: Num, arrived: Arrived, state: ServiceState, stopped_since: string | null, durable: boolean | null, clock: Clock, headline: Headline, rejected: number, version: string, catch_up: CatchUp | null, access_open: boolean, scaled_note: Words | null, };

/**
 * Who the server is, and what can be subscribed to.
 */
export type HelloBody = { 
/**
 * Changes with each start; a `seq` means nothing in another run.
 */
run: string, version: string, contract: number, topics: Array<string>, 
/**
 * A topic's frames come at least so far apart.
 */
frame_ms_min: number, };

/**
 * The first message.
 */
export type Hello = { hello: HelloBody, };

/**
 * A snapshot or a delta of a topic.
 */
export type Frame = { topic: string, seq: number, stream_seq: number, event_time: string | null, snapshot?: unknown, 
/**
 * A merge patch (RFC 7396) of the snapshot.
 */
delta?: unknown, };

/**
 * What was held of a topic is to be forgotten: a new snapshot follows.
 */
export type Resync = { topic: string, resync: boolean, };

/**
 * How the service is, each second.
 */
export type StatusMessage = { status: Status, };

/**
 * The same in words.
 */
export type ErrorBody = { title: string, detail: string, 
/**
 * The topic it is about, if it is about one.
 */
topic: string | null, };

/**
 * What was wrong with a message; the connection stays.
 */
export type ErrorMessage = { error: ErrorBody, };

/**
 * The last position held of a query, and the hello's run then.
 */
export type LiveResume = { run: string, position: number, };

/**
 * A query to be followed, or no more.
 */
export type LiveMessage = { 
/**
 * What the client calls it.
 */
id: string, 
/**
 * The query: `SELECT …` or `SUBSCRIBE (SELECT …)`.
 */
subscribe?: string, resume?: LiveResume, unsubscribe?: boolean, };

/**
 * A column of a result.
 */
export type LiveColumn = { name: string, type: string, };

/**
 * The same.
 */
export type LiveBody = { id: string, 
/**
 * One greater with each frame of changes.
 */
position?: number, stream_seq?: number, event_time?: string | null, 
/**
 * What was held is to be forgotten.
 */
resync?: boolean, 
/**
 * Frames go on after the position that the client held.
 */
resumed?: boolean, columns?: Array<LiveColumn>, snapshot?: unknown[][], 
/**
 * Not all rows are in the snapshot.
 */
truncated?: boolean, 
/**
 * What a run takes, and how often it is made.
 */
cost_ms?: number, every_s?: number, kept_by?: 'deltas' | 'rerun', added?: unknown[][], removed?: unknown[][], 
/**
 * The row before and after.
 */
changed?: [unknown[], unknown[]][], 
/**
 * A problem, as over HTTP.
 */
error?: unknown, };

/**
 * What the server sends of a query that is followed: one of the whole result (`snapshot`), changes, or an error that
 * ends it.
 */
export type LiveFrame = { sql: LiveBody, };

/**
 * What a client may send.
 */
export type ClientMessage = { subscribe?: Array<string>, unsubscribe?: Array<string>, 
/**
 * The last `seq` held of each topic.
 */
resume?: { [key in string]: number }, 
/**
 * The run that `resume` is about.
 */
run?: string, 
/**
 * A query to be followed, or no more.
 */
sql?: LiveMessage, };
