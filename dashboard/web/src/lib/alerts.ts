/** Which alert comes first, and which number it has on card, map and league alike. */
import type { AlertRow, AlertState, Severity } from '../wire';
import { parseTime } from './time';

const STATE_RANK: Record<AlertState, number> = { open: 0, acknowledged: 1, silenced: 2, ended: 3 };
const SEVERITY_RANK: Record<Severity, number> = { critical: 0, high: 1, medium: 2, notice: 3 };

const isUntaken = (row: AlertRow): boolean => row.state === 'open';

/** Untaken first, then by severity, then the newest; the id makes it total. */
function compareAlerts(a: AlertRow, b: AlertRow): number {
  return (
    Number(isUntaken(b)) - Number(isUntaken(a)) ||
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    (parseTime(b.since)?.ms ?? 0) - (parseTime(a.since)?.ms ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

export function sortedAlerts(rows: Iterable<AlertRow>): AlertRow[] {
  return [...rows].sort(compareAlerts);
}

/** Those that still ask for something, in order. */
export function standingAlerts(rows: Iterable<AlertRow>): AlertRow[] {
  return sortedAlerts([...rows].filter((row) => row.state !== 'ended'));
}

export type StateFilter = 'all' | 'untaken' | 'taken' | 'ended';

export function matches(row: AlertRow, filter: StateFilter): boolean {
  if (filter === 'all') return row.state !== 'ended';
  if (filter === 'untaken') return row.state === 'open';
  if (filter === 'ended') return row.state === 'ended';
  return row.state === 'acknowledged' || row.state === 'silenced';
}

/** All: standing first, then what has ended, newest first. */
export function byState(a: AlertRow, b: AlertRow): number {
  return STATE_RANK[a.state] - STATE_RANK[b.state] || compareAlerts(a, b);
}

/** What a screen reader must be told at once: critical and nobody has it. */
export function criticalUntaken(rows: Iterable<AlertRow>): AlertRow[] {
  return sortedAlerts([...rows].filter((row) => row.severity === 'critical' && isUntaken(row)));
}
