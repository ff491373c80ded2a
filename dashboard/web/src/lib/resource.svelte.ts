/** What is read over HTTP by a part of the page: value, error, next try; read again when the server started anew. */
import { untrack } from 'svelte';
import { ApiError, readAddress } from './api';
import { live } from './store/live.svelte';

const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 30_000;

export function retryMs(error: ApiError, attempt: number): number {
  if (error.retryAfterS !== null) return Math.min(RETRY_MS_MAX, error.retryAfterS * 1000);
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** attempt);
}

/** What the server will not answer otherwise however often it is asked. */
function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** One thing at one address, read again after a failure and, if asked, now and then. */
export class Resource<Answer> {
  value = $state.raw<Answer | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Real time of the next try by itself. */
  retryAtMs = $state<number | null>(null);
  #address: string | null = null;
  #everyMs: number | null;
  #attempt = 0;
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(everyMs: number | null) {
    this.#everyMs = everyMs;
  }

  follow(address: string | null): () => void {
    if (address !== this.#address) {
      this.#address = address;
      this.value = null;
      this.error = null;
    }
    this.#attempt = 0;
    if (address) void this.#load(address);
    return () => this.#stop();
  }

  /** Now, instead of at the next try. */
  again = (): void => {
    this.#stop();
    if (this.#address) void this.#load(this.#address);
  };

  /** What is there stays: no more reading by itself, nor the reading under way, until asked or the address changes. */
  hold(): void {
    this.#stop();
    this.error = null;
    this.retryAtMs = null;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  async #load(address: string): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.retryAtMs = null;
    try {
      const answer = await readAddress<Answer>(address, abort.signal);
      if (abort.signal.aborted) return;
      this.value = answer;
      this.error = null;
      this.#attempt = 0;
      if (this.#everyMs !== null) this.#schedule(address, this.#everyMs);
    } catch (cause) {
      if (abort.signal.aborted) return;
      const error = cause instanceof ApiError ? cause : new ApiError(0, String(cause), null);
      this.error = error;
      if (isFinal(error)) return;
      const waitMs = retryMs(error, this.#attempt);
      this.#attempt += 1;
      this.retryAtMs = Date.now() + waitMs;
      this.#schedule(address, waitMs);
    }
  }

  #schedule(address: string, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#load(address), ms);
  }
}

/** For a component's script: follows an address that may change. Read anew only when the address itself differs. */
export function resource<Answer>(addressOf: () => string | null, everyMs: number | null = null): Resource<Answer> {
  const made = new Resource<Answer>(everyMs);
  const asked = $derived(addressOf());
  $effect(() => {
    const url = asked;
    void live.runs;
    return untrack(() => made.follow(url));
  });
  return made;
}
