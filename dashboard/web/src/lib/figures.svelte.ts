/** The figures of an area as the page may show them. */
import type { DistrictsTopic, Figures } from '../wire';
import { live } from './store/live.svelte';

/** Before any event a zero would say more than is known: nothing, not 0. */
export function shownFigures(topic: string): Figures | undefined {
  return live.freshness === 'waiting' ? {} : live.data<Figures>(topic);
}

export function shownDistricts(): DistrictsTopic {
  return live.freshness === 'waiting' ? {} : (live.data<DistrictsTopic>('districts') ?? {});
}
