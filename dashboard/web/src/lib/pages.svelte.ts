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

/** Each row once, at its first place: a row whose sort key changed between two pages comes in both. */
export function distinct<Row>(rows: Row[], keyOf: (row: Row) => string): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

export class Pages<Row> {
  readonly first: Resource<Page<Row>>;
  more = $state.raw<Row[]>([]);
  next = $state.raw<string | null>(null);
  busy = $state(false);
  failed = $state(false);
  readonly rows: Row[] | null = $derived.by(() => {
    const first = this.first.value;
    return first && distinct([...first.items, ...this.more], this.#keyOf);
  });
  readonly #base: string | null = $derived.by(() => {
    const asked = this.#ask();
    return asked && address(asked.path, { limit: PAGE_ROWS, ...asked.query });
  });
  readonly #ask: () => Asked | null;
  readonly #keyOf: (row: Row) => string;

  /** `keyOf` tells rows apart, however their figures change. */
  constructor(ask: () => Asked | null, keyOf: (row: Row) => string) {
    this.#ask = ask;
    this.#keyOf = keyOf;
    this.first = resource<Page<Row>>(() => this.#base, REREAD_MS);
    $effect(() => {
      // A first page that was read anew begins a new walk; what was fetched behind it is out of date.
      this.next = this.first.value?.next ?? null;
      this.more = [];
      this.failed = false;
    });
  }

  load = async (): Promise<void> => {
    const { first, next } = this;
    const base = this.#base;
    if (!next || !base || this.busy) return;
    this.busy = true;
    this.failed = false;
    // From here on the list stays as it is, so that rows do not jump under the reader.
    first.hold();
    const walk = first.value;
    try {
      const page = await readAddress<Page<Row>>(`${base}&cursor=${encodeURIComponent(next)}`);
      // Another list, or the same begun anew: this page is none of its.
      if (first.value !== walk) return;
      this.more = [...this.more, ...page.items];
      this.next = page.next;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      this.failed = first.value === walk;
    } finally {
      this.busy = false;
    }
  };
}
