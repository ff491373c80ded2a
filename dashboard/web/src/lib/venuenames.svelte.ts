/** Names of venues that a list gives by id alone; asked for once each. */
import { SvelteMap } from 'svelte/reactivity';
import type { VenueRow } from '../wire';
import { address, readAddress, segment } from './api';

const NAMES_MAX = 500;
const names = new SvelteMap<string, string>();
const asked = new Set<string>();

export function venueLabel(venue: string, given?: string | null): string {
  return given ?? names.get(venue) ?? venue;
}

/** A name that was read otherwise. */
export function knowVenueName(venue: string, name: string | null | undefined): void {
  if (name && (names.has(venue) || names.size < NAMES_MAX)) names.set(venue, name);
}

/** Until the name is known, and where it has none, the id stands for it. */
export async function askVenueName(venue: string): Promise<void> {
  if (asked.has(venue) || asked.size >= NAMES_MAX) return;
  asked.add(venue);
  try {
    const row = await readAddress<VenueRow>(address(`venues/${segment(venue)}`));
    knowVenueName(venue, row.name);
  } catch {
    asked.delete(venue);
  }
}
