/** The alerts that have a number on the district's map, the same as in the list. */
import type { AlertRow } from '../wire';

const PINS_MAX = 3;

export function pinned(alerts: AlertRow[]): AlertRow[] {
  return alerts.filter((row) => row.state !== 'ended' && row.lat != null && row.lon != null).slice(0, PINS_MAX);
}

export function numberOnMap(alerts: AlertRow[], alert: AlertRow): number | undefined {
  const at = pinned(alerts).findIndex((row) => row.id === alert.id);
  return at < 0 ? undefined : at + 1;
}
