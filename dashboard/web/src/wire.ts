/** What the server sends: the generated types, and those that only the web app needs. */
import type {
  AlertRow,
  Cell,
  Chain as ChainBody,
  ErrorMessage,
  Figures,
  Hello,
  Page,
  Stamped,
  StatusMessage,
  VenueRow,
} from './wire.gen';

export type {
  AlertRow,
  AlertState,
  AreaRow,
  BackwardRow,
  CaseRow,
  Clock,
  ClientMessage,
  ContactRow,
  ErrorBody,
  Figures,
  FigureName,
  FollowRow,
  HelloBody,
  Hexes,
  Link,
  Overlap,
  Page,
  PresentRow,
  ServiceState,
  Severity,
  Status,
  Unit,
  VenueRow,
  VisitRow,
} from './wire.gen';
export type { FigureValue as Figure } from './wire.gen';

export type Chain = Stamped<ChainBody>;
export type CellDetail = Stamped<Cell>;
export type VenueDetail = Stamped<VenueRow>;
export type SeriesPage = Page<[string, number | null]>;

export type Layer = 'risk' | 'presence' | 'cases';
/** Value and band. */
export type CellShown = [number, number];

/* The snapshot of each kind of topic; a delta is an RFC 7396 merge patch of it. */
export type FiguresTopic = Figures;
export type DistrictsTopic = Record<string, Figures>;
export type HexesTopic = Record<string, CellShown>;
export type AlertsTopic = Record<string, AlertRow>;
export type MinutesTopic = Record<string, number>;

/** A frame of a topic, or the word that a new snapshot will come. */
export interface TopicMessage {
  topic: string;
  seq?: number;
  stream_seq?: number;
  event_time?: string | null;
  snapshot?: unknown;
  delta?: unknown;
  resync?: boolean;
}

export type ServerMessage = Hello | StatusMessage | ErrorMessage | TopicMessage;

/* `GET /api/v1/geometry` */

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
  /** South, west, north, east. */
  bounds: [number, number, number, number];
  /** Land cells by resolution and district; 8 and 9. */
  cells: Record<string, Record<string, string[]>>;
}
