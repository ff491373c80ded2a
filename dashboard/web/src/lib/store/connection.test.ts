import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientMessage } from '../../wire';
import { backoffMs, Connection, SILENCE_MS_MAX, type Socket } from './connection';
import type { Frame } from './topics';

class FakeSocket implements Socket {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: ClientMessage[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.closed = true;
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const hello = (run: string) => ({ hello: { run, version: '1', contract: 1, topics: [], frame_ms_min: 250 } });

/** Time that only moves when told. */
class FakeWorld {
  now = 0;
  sockets: FakeSocket[] = [];
  #timers: { at: number; run: () => void }[] = [];

  open = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };

  nowMs = (): number => this.now;

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }
}

describe('the connection', () => {
  let world: FakeWorld;
  let frames: Map<string, Frame>;
  let down: (number | null)[];
  let refused: string[];
  let connection: Connection;

  beforeEach(() => {
    world = new FakeWorld();
    frames = new Map();
    down = [];
    refused = [];
    connection = new Connection(world, {
      status: () => undefined,
      frame: (topic, frame) => frames.set(topic, frame),
      down: (since) => down.push(since),
      hello: () => undefined,
      refused: (error) => refused.push(error.title),
    });
    connection.start();
  });

  it('subscribes to what is wanted once the server has said hello', () => {
    connection.want('city');
    expect(world.last.sent).toEqual([]);
    world.last.say(hello('r1'));
    expect(world.last.sent).toEqual([{ subscribe: ['city'] }]);
    connection.want('alerts');
    expect(world.last.sent[1]).toEqual({ subscribe: ['alerts'] });
  });

  it('subscribes once for two who want the same, and ends with the last', () => {
    world.last.say(hello('r1'));
    const first = connection.want('city');
    const second = connection.want('city');
    first();
    expect(world.last.sent).toHaveLength(1);
    second();
    expect(world.last.sent[1]).toEqual({ unsubscribe: ['city'] });
  });

  it('resumes after a break of the same run', () => {
    connection.want('city');
    world.last.say(hello('r1'));
    world.last.say({ topic: 'city', seq: 41, snapshot: {} });
    world.last.onclose?.();
    expect(down).toEqual([0]);
    world.pass(backoffMs(0));
    world.last.say(hello('r1'));
    expect(world.last.sent).toEqual([{ subscribe: ['city'], resume: { city: 41 }, run: 'r1' }]);
    expect(down).toEqual([0, null]);
    expect(frames.get('city')?.waitingSinceMs).toBeNull();
  });

  it('asks for everything anew after a new start of the server, and keeps the picture', () => {
    connection.want('city');
    world.last.say(hello('r1'));
    world.last.say({ topic: 'city', seq: 41, snapshot: { a: 1 } });
    world.last.onclose?.();
    world.pass(backoffMs(0));
    world.last.say(hello('r2'));
    expect(world.last.sent).toEqual([{ subscribe: ['city'] }]);
    expect(frames.get('city')?.data).toEqual({ a: 1 });
    expect(frames.get('city')?.waitingSinceMs).toBe(world.now);
  });

  it('asks one topic anew after a gap', () => {
    connection.want('city');
    world.last.say(hello('r1'));
    world.last.say({ topic: 'city', seq: 1, snapshot: {} });
    world.last.say({ topic: 'city', seq: 3, delta: {} });
    expect(world.last.sent.slice(1)).toEqual([{ unsubscribe: ['city'] }, { subscribe: ['city'] }]);
  });

  it('tells what the server refused', () => {
    world.last.say({ error: { title: 'unknown topic', detail: 'no such topic', topic: 'nothing' } });
    expect(refused).toEqual(['unknown topic']);
  });

  it('waits longer with each failed try, up to a bound', () => {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const opened = world.sockets.length;
      world.last.onclose?.();
      world.pass(backoffMs(attempt) - 1);
      expect(world.sockets).toHaveLength(opened);
      world.pass(1);
      expect(world.sockets).toHaveLength(opened + 1);
    }
    expect(backoffMs(20)).toBe(8_000);
  });

  it('takes silence for a broken line, down since the last word', () => {
    world.last.say(hello('r1'));
    const silent = world.last;
    world.pass(SILENCE_MS_MAX + 2_000);
    expect(silent.closed).toBe(true);
    expect(down[0]).toBe(0);
  });

  it('does not take what a dropped socket still says', () => {
    connection.want('city');
    const old = world.last;
    old.say(hello('r1'));
    old.onclose?.();
    old.say({ topic: 'city', seq: 1, snapshot: { a: 'old' } });
    expect(frames.get('city')?.data).toBeUndefined();
  });
});
