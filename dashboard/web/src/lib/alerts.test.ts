import { describe, expect, it } from 'vitest';
import type { AlertRow } from '../wire';
import { byState, criticalUntaken, matches, standingAlerts } from './alerts';

function alert(id: string, changes: Partial<AlertRow>): AlertRow {
  return {
    id,
    rule: 'cluster',
    severity: 'medium',
    state: 'open',
    value: 1,
    since: '2021-11-27T10:00:00+07:00',
    changed: '2021-11-27T10:00:00+07:00',
    ...changes,
  };
}

const ids = (rows: AlertRow[]): string => rows.map((row) => row.id).join(' ');

describe('the order of alerts', () => {
  it('is untaken first, then severity, then newest', () => {
    const rows = [
      alert('taken', { state: 'acknowledged', severity: 'critical' }),
      alert('medium', {}),
      alert('old', { severity: 'high', since: '2021-11-27T08:00:00+07:00' }),
      alert('new', { severity: 'high', since: '2021-11-27T09:00:00+07:00' }),
      alert('over', { severity: 'critical', state: 'ended' }),
      alert('critical', { severity: 'critical' }),
    ];
    expect(ids(standingAlerts(rows))).toBe('critical new old medium taken');
    expect(ids([...rows].sort(byState))).toBe('critical new old medium taken over');
    expect(ids(criticalUntaken(rows))).toBe('critical');
  });

  it('compares moments, not texts', () => {
    const rows = [alert('a', { since: '2021-11-27T10:00:00+07:00' }), alert('b', { since: '2021-11-27T04:00:00Z' })];
    expect(ids(standingAlerts(rows))).toBe('b a');
  });
});

describe('the filters of a desk', () => {
  it('put a silenced alert with those in hand and ended ones apart', () => {
    expect(matches(alert('a', { state: 'silenced' }), 'taken')).toBe(true);
    expect(matches(alert('a', { state: 'ended' }), 'all')).toBe(false);
    expect(matches(alert('a', { state: 'ended' }), 'ended')).toBe(true);
    expect(matches(alert('a', {}), 'untaken')).toBe(true);
  });
});
