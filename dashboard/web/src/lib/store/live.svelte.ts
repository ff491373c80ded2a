/** The one live store of the page: status, topics and the connection, as runes. */
import { SvelteMap } from 'svelte/reactivity';
import type { Status } from '../../wire';
import { freshness, isFrozen, LOST_AFTER_MS, PANEL_GREYS_AFTER_MS, shownNow, type Freshness } from '../freshness';
import { parseTime, type CityTime } from '../time';
import { Connection, type Socket } from './connection';
import { openSocket } from './socket';
import type { Frame } from './topics';

const TICK_MS = 1_000;

function after(ms: number, run: () => void): () => void {
  const id = setTimeout(run, ms);
  return () => clearTimeout(id);
}

class Live {
  status = $state.raw<Status | null>(null);
  /** Real time, once a second; what ages by real time depends on it. */
  realMs = $state(Date.now());
  /** Grows with each reconnection, so that what was read over HTTP is read again. */
  runs = $state(0);
  #greeted = false;
  #heardAtMs = $state(Date.now());
  #downSinceMs = $state<number | null>(null);
  readonly #frames = new SvelteMap<string, Frame>();
  readonly #connection = new Connection(
    { open: () => openSocket() as unknown as Socket, nowMs: () => Date.now(), after },
    {
      status: (status) => {
        this.status = status;
        this.#heardAtMs = Date.now();
        this.realMs = this.#heardAtMs;
      },
      frame: (topic, frame) => this.#frames.set(topic, frame),
      down: (sinceMs) => (this.#downSinceMs = sinceMs),
      refused: ({ title, detail, topic }) => console.warn(`${title}: ${detail}`, topic ?? ''),
      hello: () => {
        if (this.#greeted) this.runs += 1;
        this.#greeted = true;
      },
    },
  );

  readonly freshness: Freshness = $derived(freshness(this.status, { downSinceMs: this.#downSinceMs }, this.realMs));
  /** The line to the server is broken for long enough to say so. */
  readonly down: boolean = $derived(this.#downSinceMs !== null && this.realMs - this.#downSinceMs >= LOST_AFTER_MS);
  /** The server's clock, carried on by ours since the last status. */
  readonly serverMs: number | null = $derived.by(() => {
    const server = parseTime(this.status?.server_time);
    return server && server.ms + Math.max(0, this.realMs - this.#heardAtMs);
  });
  readonly frozen: boolean = $derived(isFrozen(this.freshness));
  readonly now: CityTime | null = $derived(shownNow(this.status, this.#heardAtMs, this.realMs));

  start(): () => void {
    this.#connection.start();
    const ticker = setInterval(() => (this.realMs = Date.now()), TICK_MS);
    return () => {
      clearInterval(ticker);
      this.#connection.stop();
    };
  }

  /** To be called in an effect: subscribes, and gives back how to end it. */
  want(...topics: string[]): () => void {
    const ends = topics.map((topic) => this.#connection.want(topic));
    return () => {
      for (const end of ends) end();
    };
  }

  frame(topic: string): Frame | undefined {
    return this.#frames.get(topic);
  }

  data<Data>(topic: string): Data | undefined {
    return this.#frames.get(topic)?.data as Data | undefined;
  }

  /** A panel whose snapshot does not come greys alone. */
  isStale(topic: string): boolean {
    const since = this.#frames.get(topic)?.waitingSinceMs ?? null;
    return since !== null && this.realMs - since > PANEL_GREYS_AFTER_MS;
  }
}

export const live = new Live();
