/** How many rows each table has: counted one after another, and again when asked, each told with its moment. */
import { SvelteMap } from 'svelte/reactivity';
import { parseTime, type CityTime } from '../lib/time';
import { runSql } from './client';

export interface Count {
  /** Null until it was counted once. */
  rows: number | null;
  at: CityTime | null;
  asking: boolean;
  /** Why the last counting failed. */
  failed: string;
}
/** What takes longer is counted when its reader asks for it: windows over all scans take seconds. */
const UNASKED_MS = 2_000;
const NONE: Count = { rows: null, at: null, asking: false, failed: '' };

export class Counts {
  readonly #held = new SvelteMap<string, Count>();
  readonly #work = new AbortController();

  of(table: string): Count {
    return this.#held.get(table) ?? NONE;
  }

  /** The oldest moment for which a count is told. */
  get since(): CityTime | null {
    const moments = [...this.#held.values()].flatMap(({ at }) => (at ? [at] : []));
    return moments.reduce<CityTime | null>((first, at) => (first && first.ms <= at.ms ? first : at), null);
  }

  /** One after another, so that the reader's own questions find room. */
  async all(tables: string[]): Promise<void> {
    for (const table of tables) {
      if (this.#work.signal.aborted) return;
      await this.ask(table, AbortSignal.timeout(UNASKED_MS));
    }
  }

  /** What was counted before stays, with its own moment, until the new count is there. */
  async ask(table: string, until?: AbortSignal): Promise<void> {
    const before = this.of(table);
    if (before.asking) return;
    this.#held.set(table, { ...before, asking: true, failed: '' });
    const signal = until ? AbortSignal.any([this.#work.signal, until]) : this.#work.signal;
    try {
      const answer = await runSql(`SELECT count(*) FROM "${table.replaceAll('"', '""')}"`, signal);
      const rows = Number(answer.rows[0]?.[0]);
      if (!Number.isFinite(rows)) throw new Error(String(answer.rows[0]?.[0]));
      this.#held.set(table, { rows, at: parseTime(answer.event_time), asking: false, failed: '' });
    } catch (error) {
      if (this.#work.signal.aborted) return;
      this.#held.set(table, {
        ...before,
        asking: false,
        failed: until ? '' : error instanceof Error ? error.message : String(error),
      });
    }
  }

  stop(): void {
    this.#work.abort();
  }
}
