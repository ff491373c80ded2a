/** Follows one query over a websocket of its own, and comes back where it was when the line breaks. */
import { closeSocket, openSocket } from '../lib/store/socket';
import { parseTime, type CityTime } from '../lib/time';
import { readExact } from './exact';
import { applied, begun, orderOf, type Followed, type LiveFrame } from './live';
import type { Result } from './result.svelte';
import { inPlace } from './subscribe';

const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
const ID = 'workbench';

interface Message {
  hello?: { run: string };
  error?: { title: string; detail: string; topic?: string | null };
  sql?: LiveFrame;
}

export class Follow {
  on = $state(false);
  /** The line is there. */
  connected = $state(false);
  /** What a server said that does not know live queries. */
  unavailable = $state('');
  /** The first result is here. */
  begun = $state(false);
  /** Event time of the first result, and of the last change; none in a city where nothing has happened. */
  since = $state.raw<CityTime | null>(null);
  changed = $state.raw<CityTime | null>(null);
  keptBy = $state('');
  everyS = $state(0);
  costMs = $state(0);
  changes = $state(0);
  readonly #result: Result;
  #socket: WebSocket | null = null;
  #held: Followed | null = null;
  #sql = '';
  #run = '';
  #rowsMax = 0;
  #tries = 0;
  /** Asked, and not answered yet: frames until then are of before. */
  #asked = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(result: Result) {
    this.#result = result;
  }

  start(sql: string, rowsMax: number): void {
    this.stop();
    this.#result.begin(sql);
    this.on = true;
    this.unavailable = '';
    this.begun = false;
    this.since = null;
    this.changed = null;
    this.changes = 0;
    this.#sql = sql;
    this.#rowsMax = rowsMax;
    this.#held = null;
    this.#tries = 0;
    this.#connect();
  }

  /** Rows stay as they are. */
  stop(): void {
    this.on = false;
    this.connected = false;
    this.#result.settle();
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) closeSocket(socket);
  }

  #connect(): void {
    const socket = openSocket();
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#take(readExact(String(data)) as Message);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.connected = false;
      const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
      this.#tries += 1;
      this.#retry = setTimeout(() => this.#connect(), wait);
    };
  }

  #take(message: Message): void {
    if (message.hello) {
      this.connected = true;
      this.#ask(this.#held ? { run: this.#run, position: this.#held.position } : null);
      this.#run = message.hello.run;
    }
    // Nothing else is ever asked here, so a message not understood is this one.
    if (message.error && !message.error.topic) this.#unknown(message.error.detail || message.error.title);
    if (message.sql?.id === ID) this.#frame(message.sql);
  }

  #ask(resume: { run: string; position: number } | null): void {
    const sql = { id: ID, subscribe: inPlace(this.#sql), ...(resume && { resume }) };
    this.#asked = true;
    this.#socket?.send(JSON.stringify({ sql }));
  }

  #unknown(said: string): void {
    this.stop();
    this.unavailable = said;
  }

  /** Rows that come anew in the place of those held leave the reader where he was. */
  #snapshot(next: Followed, time: CityTime | null): void {
    this.#asked = false;
    const before = this.#held?.answer.columns;
    this.#held = next;
    if (before && JSON.stringify(before) === JSON.stringify(next.answer.columns)) {
      this.changed = time;
      this.#result.update(next.answer, next.fresh);
      return;
    }
    this.begun = true;
    this.since = time;
    this.#result.show(next.answer, this.#sql);
  }

  #frame(frame: LiveFrame): void {
    this.unavailable = '';
    this.#tries = 0;
    if (frame.error) {
      this.stop();
      this.#result.fail({ status: 400, title: '', detail: '', ...frame.error });
      return;
    }
    this.keptBy = frame.kept_by ?? this.keptBy;
    this.everyS = frame.every_s ?? this.everyS;
    this.costMs = frame.cost_ms ?? this.costMs;
    const time = parseTime(frame.event_time);
    if (frame.snapshot) {
      this.#snapshot(begun(frame, this.#rowsMax, orderOf(this.#sql, frame.columns ?? [])), time);
      return;
    }
    if (frame.resumed) this.#asked = false;
    if (!this.#held || this.#asked || frame.resumed) return;
    const next = applied(this.#held, frame, orderOf(this.#sql, this.#held.answer.columns));
    if (next === null) {
      this.#ask({ run: this.#run, position: this.#held.position });
      return;
    }
    if (next === this.#held) return;
    this.#held = next;
    this.changed = time;
    this.changes += 1;
    this.#result.update(next.answer, next.fresh);
  }
}
