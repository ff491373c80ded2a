/** A list that comes in pages: the first is read anew now and then, further ones when asked for. */
import type { Page } from '../wire';
import { address, ApiError, readAddress, type Query } from './api';
import { resource, type Resource } from './resource.svelte';

const REREAD_MS = 15_000;
export const PAGE_ROWS = 100;

export class Pages<Row> {
  readonly first: Resource<Page<Row>>;
  more = $state.raw<Row[]>([]);
  next = $state.raw<string | null>(null);
  busy = $state(false);
  failed = $state(false);
  #base: string | null = null;

  constructor(ask: () => { path: string; query?: Query } | null) {
    let asked: { path: string; query?: Query } | null = null;
    this.first = resource<Page<Row>>(() => {
      asked = ask();
      return asked && address(asked.path, { limit: PAGE_ROWS, ...asked.query });
    }, REREAD_MS);
    $effect(() => {
      // A first page that was read anew begins a new walk; what was fetched behind it is out of date.
      const page = this.first.value;
      this.more = [];
      this.next = page?.next ?? null;
      this.#base = asked && address(asked.path, { limit: PAGE_ROWS, ...asked.query });
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
