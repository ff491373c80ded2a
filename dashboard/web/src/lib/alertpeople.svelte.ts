/** The people of the alerts on this page, by names that tell them apart. */
import type { AlertsTopic } from '../wire';
import { shortName, shortNames } from './people';
import { live } from './store/live.svelte';

class AlertPeople {
  /** The topic that the page lists. */
  topic = $state('alerts');
  readonly #names = $derived(
    shortNames(Object.values(live.data<AlertsTopic>(this.topic) ?? {}).flatMap((row) => row.person ?? [])),
  );

  name(person: string): string {
    return this.#names.get(person) ?? shortName(person);
  }
}

export const alertPeople = new AlertPeople();
