/** How fresh the picture is: a pure function of the last status, the connection and real time. */
import type { Status } from '../wire';
import { parseTime, type CityTime } from './time';

export type Freshness = 'connecting' | 'live' | 'slow' | 'catching' | 'stopped' | 'lost' | 'waiting';

export const LOST_AFTER_MS = 3_000;
const SLOW_FROM_MS = 2_000;
/** A panel that waits for a snapshot this long greys alone. */
export const PANEL_GREYS_AFTER_MS = 15_000;

export interface Connection {
  /** Real time at which the connection broke or the server fell silent; null while it is heard. */
  downSinceMs: number | null;
}

export function freshness(status: Status | null, connection: Connection, nowMs: number): Freshness {
  const down = connection.downSinceMs !== null && nowMs - connection.downSinceMs >= LOST_AFTER_MS;
  if (down || status?.state === 'cut') return 'lost';
  if (!status) return 'connecting';
  if (status.state === 'catching_up' || status.state === 'settling') return 'catching';
  if (status.state === 'waiting') return 'waiting';
  if (status.stopped_since) return 'stopped';
  return status.behind_ms >= SLOW_FROM_MS ? 'slow' : 'live';
}

/** Whether the figures still stand but are no longer being told: grey, and ages white and bold. */
export function isFrozen(state: Freshness): boolean {
  return state === 'stopped' || state === 'lost';
}

/** How far a catch-up has come, 0 to 1; null while the server does not say. */
export function catchUpShare(status: Status | null): number | null {
  const span = status?.catch_up;
  if (!status || !span || span.head_seq <= span.from_seq) return null;
  const share = (status.stream_seq - span.from_seq) / (span.head_seq - span.from_seq);
  return Math.min(1, Math.max(0, share));
}

/**
 * What clocks, dates and ages run by: the event time, and under the clock `wall` the server's own, which goes on
 * while nothing is heard.
 */
export function shownNow(status: Status | null, heardAtMs: number, nowMs: number): CityTime | null {
  if (!status) return null;
  if (status.clock !== 'wall') return parseTime(status.event_time);
  const server = parseTime(status.server_time);
  return server && { ms: server.ms + Math.max(0, nowMs - heardAtMs), offsetMin: server.offsetMin };
}
