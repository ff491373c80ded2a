/** A list that comes in pages: the first is read anew now and then, further ones when asked for. */
import type { Page } from '../wire';
import { address, ApiError, readAddress, type Query } from './api';
import { resource, type Resource } from './resource.svelte';

const REREAD_MS = 15_000;
export const PAGE_ROWS = 100;

export interface Asked {
  path: string;
  query?: Query;
}

export class Pages<Row> {
  readonly first: Resource<Page<Row>>;
  more = $state.raw<Row[]>([]);
  next = $state.raw<string | null>(null);
  busy = $state(false);
  failed = $state(false);
  readonly #base: string | null = $derived.by(() => {
    const asked = this.#ask();
    return asked && address(asked.path, { limit: PAGE_ROWS, ...asked.query });
  });
  readonly #ask: () => Asked | null;

  constructor(ask: () => Asked | null) {
    this.#ask = ask;
    this.first = resource<Page<Row>>(() => this.#base, REREAD_MS);
    $effect(() => {
      // A first page that was read anew begins a new walk; what was fetched behind it is out of date.
      this.next = this.first.value?.next ?? null;
      this.more = [];
    });
  }

  get rows(): Row[] | null {
    return this.first.value ? [...this.first.value.items, ...this.more] : null;
  }

  load = async (): Promise<void> => {
    if (!this.next || !this.#base || this.busy) return;
    this.busy = true;
    this.failed = false;
    // From here on the list stays as it is, so that rows do not jump under the reader.
    this.first.hold();
    try {
      const page = await readAddress<Page<Row>>(`${this.#base}&cursor=${encodeURIComponent(this.next)}`);
      this.more = [...this.more, ...page.items];
      this.next = page.next;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      this.failed = true;
    } finally {
      this.busy = false;
    }
  };
}
