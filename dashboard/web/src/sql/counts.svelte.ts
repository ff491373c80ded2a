/** About how many rows each table has: asked when its reader opens it, and told with the moment it is true for. */
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
const NONE: Count = { rows: null, at: null, asking: false, failed: '' };

export class Counts {
  readonly #held = new SvelteMap<string, Count>();
  readonly #work = new AbortController();

  of(table: string): Count {
    return this.#held.get(table) ?? NONE;
  }

  /** What was counted before stays, with its own moment, until the new count is there. */
  async ask(table: string): Promise<void> {
    const before = this.of(table);
    if (before.asking) return;
    this.#held.set(table, { ...before, asking: true, failed: '' });
    try {
      const answer = await runSql(`SELECT count(*) FROM "${table.replaceAll('"', '""')}"`, this.#work.signal);
      const rows = Number(answer.rows[0]?.[0]);
      if (!Number.isFinite(rows)) throw new Error(String(answer.rows[0]?.[0]));
      this.#held.set(table, { rows, at: parseTime(answer.event_time), asking: false, failed: '' });
    } catch (error) {
      if (this.#work.signal.aborted) return;
      this.#held.set(table, {
        ...before,
        asking: false,
        failed: error instanceof Error ? error.message : String(error),
      });
    }
  }

  stop(): void {
    this.#work.abort();
  }
}
