/** The websocket: says hello, subscribes, resumes after a break and asks anew after a gap. No Svelte here. */
import type { ClientMessage, ErrorBody, HelloBody, ServerMessage, Status, TopicMessage } from '../../wire';
import { fold, waiting, type Frame } from './topics';

const BACKOFF_MS_MIN = 500;
const BACKOFF_MS_MAX = 8_000;
/** The status comes each second; silence this long means the line is dead although nobody said so. */
export const SILENCE_MS_MAX = 5_000;
const WATCH_EVERY_MS = 1_000;

export interface Socket {
  send(text: string): void;
  close(): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface World {
  open(): Socket;
  nowMs(): number;
  after(ms: number, run: () => void): () => void;
}

export interface Listener {
  status(status: Status): void;
  frame(topic: string, frame: Frame): void;
  /** Null when heard again. */
  down(sinceMs: number | null): void;
  hello(hello: HelloBody): void;
  /** What the server would not do of what was asked. */
  refused(error: ErrorBody): void;
}

export function backoffMs(attempt: number): number {
  return Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** attempt);
}

export class Connection {
  readonly #world: World;
  readonly #listener: Listener;
  readonly #wanted = new Map<string, number>();
  readonly #frames = new Map<string, Frame>();
  #socket: Socket | null = null;
  #run: string | null = null;
  #greeted = false;
  #attempt = 0;
  #heardMs = 0;
  #downSinceMs: number | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelWatch: (() => void) | null = null;

  constructor(world: World, listener: Listener) {
    this.#world = world;
    this.#listener = listener;
  }

  start(): void {
    this.#heardMs = this.#world.nowMs();
    this.#connect();
    this.#watch();
  }

  stop(): void {
    this.#cancelRetry?.();
    this.#cancelWatch?.();
    this.#drop();
  }

  /** Subscribes while at least one caller wants the topic. */
  want(topic: string): () => void {
    const count = this.#wanted.get(topic) ?? 0;
    this.#wanted.set(topic, count + 1);
    if (count === 0 && this.#greeted) this.#ask([topic]);
    return () => this.#release(topic);
  }

  #release(topic: string): void {
    const left = (this.#wanted.get(topic) ?? 1) - 1;
    if (left > 0) {
      this.#wanted.set(topic, left);
      return;
    }
    this.#wanted.delete(topic);
    this.#frames.delete(topic);
    if (this.#greeted) this.#send({ unsubscribe: [topic] });
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Asks for whole snapshots; the last picture stays until they come. */
  #ask(topics: string[]): void {
    for (const topic of topics) this.#set(topic, waiting(this.#frames.get(topic), this.#world.nowMs()));
    if (topics.length > 0) this.#send({ subscribe: topics });
  }

  #set(topic: string, frame: Frame): void {
    this.#frames.set(topic, frame);
    this.#listener.frame(topic, frame);
  }

  #connect(): void {
    this.#cancelRetry = null;
    const socket = this.#world.open();
    this.#socket = socket;
    socket.onmessage = (event) => {
      if (socket === this.#socket && typeof event.data === 'string') this.#receive(event.data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#broken();
    };
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    this.#heardMs = this.#world.nowMs();
    this.#setDown(null);
    if ('hello' in message) this.#greet(message.hello);
    else if ('status' in message) this.#listener.status(message.status);
    else if ('error' in message) this.#listener.refused(message.error);
    else if ('topic' in message) this.#topic(message);
  }

  #greet(hello: HelloBody): void {
    const sameRun = hello.run === this.#run;
    this.#run = hello.run;
    this.#greeted = true;
    this.#attempt = 0;
    this.#listener.hello(hello);
    const topics = [...this.#wanted.keys()];
    if (topics.length === 0) return;
    if (!sameRun) {
      this.#ask(topics);
      return;
    }
    const resume: Record<string, number> = {};
    for (const topic of topics) {
      const frame = this.#frames.get(topic);
      if (frame?.data !== undefined && frame.waitingSinceMs === null) resume[topic] = frame.seq;
    }
    this.#send({ subscribe: topics, resume, run: hello.run });
  }

  #topic(message: TopicMessage): void {
    if (!this.#wanted.has(message.topic)) return;
    const folded = fold(this.#frames.get(message.topic), message, this.#world.nowMs());
    if (folded.kind === 'frame') {
      this.#set(message.topic, folded.frame);
    } else if (folded.kind === 'gap') {
      this.#send({ unsubscribe: [message.topic] });
      this.#ask([message.topic]);
    }
  }

  #setDown(sinceMs: number | null): void {
    if (sinceMs === this.#downSinceMs) return;
    this.#downSinceMs = sinceMs;
    this.#listener.down(sinceMs);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    socket?.close();
  }

  #broken(): void {
    this.#drop();
    this.#setDown(this.#downSinceMs ?? this.#world.nowMs());
    this.#cancelRetry?.();
    this.#cancelRetry = this.#world.after(backoffMs(this.#attempt), () => this.#connect());
    this.#attempt += 1;
  }

  #watch(): void {
    this.#cancelWatch = this.#world.after(WATCH_EVERY_MS, () => {
      const silentMs = this.#world.nowMs() - this.#heardMs;
      if (this.#greeted && silentMs > SILENCE_MS_MAX) {
        this.#setDown(this.#heardMs);
        this.#broken();
      }
      this.#watch();
    });
  }
}
