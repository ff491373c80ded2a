import { describe, expect, it } from 'vitest';
import type { Status } from '../wire';
import { catchUpShare, freshness, shownNow } from './freshness';

const status: Status = {
  stream_seq: 680,
  stream_head: 1000,
  event_time: '2021-11-27T14:32:05+07:00',
  server_time: '2021-11-27T14:32:06+07:00',
  behind_events: 0,
  behind_ms: 400,
  events_per_s: 1,
  arrived: { scan: null, case: null },
  state: 'live',
  stopped_since: null,
  durable: true,
  clock: 'wall',
  headline: { rule: 'flat', level: 1, vi: 'Ca mới đi ngang.', en: 'New cases flat.' },
  rejected: 0,
  version: '0.1.0',
  catch_up: null,
  access_open: false,
  scaled_note: null,
};
const up = { downSinceMs: null };

describe('freshness', () => {
  it('follows the status while the line is up', () => {
    expect(freshness(null, up, 0)).toBe('connecting');
    expect(freshness(status, up, 0)).toBe('live');
    expect(freshness({ ...status, behind_ms: 2000 }, up, 0)).toBe('slow');
    expect(freshness({ ...status, state: 'catching_up' }, up, 0)).toBe('catching');
    expect(freshness({ ...status, state: 'settling' }, up, 0)).toBe('catching');
    expect(freshness({ ...status, state: 'waiting' }, up, 0)).toBe('waiting');
    expect(freshness({ ...status, stopped_since: status.server_time }, up, 0)).toBe('stopped');
    expect(freshness({ ...status, state: 'cut', stopped_since: status.server_time }, up, 0)).toBe('lost');
  });

  it('is lost three seconds after the line broke, not sooner', () => {
    expect(freshness(status, { downSinceMs: 1000 }, 3999)).toBe('live');
    expect(freshness(status, { downSinceMs: 1000 }, 4000)).toBe('lost');
    expect(freshness(null, { downSinceMs: 1000 }, 4000)).toBe('lost');
  });
});

describe('the share of a catch-up', () => {
  it('goes from the first to the head as found', () => {
    expect(catchUpShare({ ...status, catch_up: { from_seq: 0, head_seq: 1000, left_s: null } })).toBeCloseTo(0.68);
    expect(catchUpShare({ ...status, stream_seq: 2000, catch_up: { from_seq: 0, head_seq: 1000, left_s: null } })).toBe(
      1,
    );
  });

  it('is not known without a span', () => {
    expect(catchUpShare(status)).toBeNull();
    expect(catchUpShare({ ...status, catch_up: { from_seq: 5, head_seq: 5, left_s: null } })).toBeNull();
  });
});

describe('the clock that is shown', () => {
  it('is the server’s under the wall clock, and goes on while nothing is heard', () => {
    expect(shownNow(status, 1000, 61_000)?.ms).toBe(Date.parse('2021-11-27T14:33:06+07:00'));
  });

  it('is the event time under every other clock', () => {
    expect(shownNow({ ...status, clock: 'simulated' }, 1000, 61_000)?.ms).toBe(Date.parse('2021-11-27T14:32:05+07:00'));
    expect(shownNow({ ...status, clock: 'events', event_time: null }, 0, 0)).toBeNull();
  });
});
