/** What the server sends, contract version 1. A field that frames leave out because it is null is optional here. */

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
  'scans' | 'people' | 'venues' | 'cases' | 'per_100k' | 'percent' | 'scans_per_min' | 'hours' | 'level' | 'ids';

export interface Figure {
  value?: number | null;
  unit: Unit;
  day_before?: number | null;
  week_before?: number | null;
  /** Why there is no value. */
  null?: 'unknown' | 'hidden';
  as_of?: string | null;
  /** Of `level`: the name of its table. */
  table?: string | null;
}

export type Figures = Partial<Record<FigureName, Figure>>;

export type ServiceState = 'cut' | 'catching_up' | 'settling' | 'waiting' | 'live';
export type Clock = 'wall' | 'events' | 'simulated';

export interface Headline {
  rule: string;
  level?: number | null;
  vi: string;
  en: string;
}

export interface Status {
  stream_seq: number;
  stream_head: number;
  event_time?: string | null;
  server_time: string;
  behind_events: number;
  behind_ms: number;
  events_per_s: number;
  arrived?: { scan?: string | null; case?: string | null } | null;
  state: ServiceState;
  stopped_since?: string | null;
  durable?: boolean | null;
  clock: Clock;
  headline?: Headline | null;
  rejected: number;
  version: string;
  catch_up?: { from_seq: number; head_seq: number } | null;
  access_open?: boolean;
  scaled_note?: { vi: string; en: string } | null;
}

export type Severity = 'critical' | 'high' | 'medium' | 'notice';
export type AlertState = 'open' | 'acknowledged' | 'silenced' | 'ended';

export interface AlertRow {
  id: string;
  rule: string;
  severity: Severity;
  district?: string | null;
  ward?: string | null;
  venue?: string | null;
  venue_name?: string | null;
  lat?: number | null;
  lon?: number | null;
  person?: string | null;
  state: AlertState;
  value: number;
  since: string;
  changed: string;
  ended?: string | null;
  silenced_until?: string | null;
  acknowledged_by?: string | null;
  note?: string | null;
  facts?: { f0: number; f1: number } | null;
}

export type Layer = 'risk' | 'presence' | 'cases';
/** [value, band] */
export type CellValue = [number, number];

/** The snapshot of each kind of topic; a delta is an RFC 7396 merge patch of it. */
export type FiguresTopic = Figures;
export type DistrictsTopic = Record<string, Figures>;
export type HexesTopic = Record<string, CellValue>;
export type AlertsTopic = Record<string, AlertRow>;
export type MinutesTopic = Record<string, number>;

export interface Hello {
  run: string;
  version: string;
  contract: number;
  topics: string[];
  frame_ms_min: number;
}

export interface TopicMessage {
  topic: string;
  seq?: number;
  stream_seq?: number;
  event_time?: string | null;
  snapshot?: unknown;
  delta?: unknown;
  resync?: boolean;
}

export interface Problem {
  title: string;
  detail?: string;
  topic?: string;
}

export type ServerMessage = { hello: Hello } | { status: Status } | { error: Problem } | TopicMessage;

export interface ClientMessage {
  subscribe?: string[];
  unsubscribe?: string[];
  resume?: Record<string, number>;
  run?: string;
}

/* HTTP */

export interface Stamped {
  stream_seq: number;
  event_time?: string | null;
}

export interface Page<Item> extends Stamped {
  items: Item[];
  next: string | null;
}

export interface HexesPage extends Page<[string, number, number]> {
  bounds: number[];
  unit: string;
}

export interface AreaRow {
  code: string;
  name_vi: string;
  name_en: string;
  figures: Figures;
}

export interface CaseRow {
  person: string;
  episode: number;
  reported: string;
  onset?: string | null;
  sampled?: string | null;
  isolated_at?: string | null;
  from: string;
  to: string;
  ended?: string | null;
  outcome?: string | null;
  found?: 'community' | 'quarantine' | 'import' | null;
  district?: string | null;
  ward?: string | null;
  contacts: number;
  contacts_f0: number;
}

export interface Overlap {
  venue: string;
  venue_name?: string | null;
  from: string;
  to: string;
  indirect: boolean;
}

export interface ContactRow {
  person: string;
  first: string;
  last: string;
  seconds: number;
  indirect_seconds: number;
  overlaps: Overlap[];
  score?: number;
  class: 'f0' | 'f1' | 'f2';
  via?: string[];
}

/** A link of a chain: the contact, and whom it met in turn. */
export interface Link extends ContactRow {
  reported?: string | null;
  children: Link[];
}

export interface Chain extends Stamped {
  person: string;
  class: 'f0';
  reported?: string | null;
  children: Link[];
  truncated?: boolean;
}

export interface BackwardRow {
  venue: string;
  hour: string;
  seconds: number;
  f0: number;
  score: number;
}

export interface VisitRow {
  venue: string;
  from: string;
  to: string;
  open: boolean;
}

export interface PresentRow {
  person: string;
  class?: 'f0' | 'f1' | null;
  from: string;
  to: string;
  seconds: number;
}

export interface FollowRow {
  person: string;
  last_exposure: string;
  due?: string | null;
  told?: string | null;
  cases: string[];
}

export interface VenueRow {
  venue: string;
  name?: string | null;
  type: string;
  district?: string | null;
  ward?: string | null;
  lat?: number | null;
  lon?: number | null;
  capacity?: number | null;
  last_scan?: string | null;
  present_now: number;
}

export interface CellDetail extends Stamped {
  cell: string;
  layers: Record<Layer, { value: number; band: number }>;
  district?: string | null;
  ward?: string | null;
  venues: VenueRow[];
  cases: string[];
  truncated: boolean;
}

export type SeriesPage = Page<[string, number | null]>;

export type Position = [number, number];
export interface MultiPolygon {
  type: 'MultiPolygon';
  coordinates: Position[][][];
}

export interface DistrictShape {
  code: string;
  name_vi: string;
  name_en: string;
  kind: string;
  population: number;
  outline: MultiPolygon | null;
  label: Position;
}

export interface WardShape {
  code: string;
  district: string;
  name_vi: string;
  name_en: string;
  kind: string;
  outline: MultiPolygon | null;
  label: Position;
}

export interface Landmark {
  type: 'Feature';
  properties: { kind: 'river' | 'lake'; name_vi: string; name_en: string; approximate: boolean };
  geometry: { type: 'LineString'; coordinates: Position[] } | { type: 'Polygon'; coordinates: Position[][] };
}

export interface Geometry {
  version: string;
  districts: DistrictShape[];
  wards: WardShape[];
  landmarks: { type: 'FeatureCollection'; features: Landmark[] };
  bounds: [number, number, number, number];
  cells: Record<string, Record<string, string[]>>;
}
