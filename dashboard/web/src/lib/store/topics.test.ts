import { describe, expect, it } from 'vitest';
import { fold, type Frame } from './topics';

const snapshot = { topic: 'city', seq: 7, stream_seq: 40, event_time: 't1', snapshot: { a: { n: 1 } } };

function frameOf(frame: Frame | undefined, message: Parameters<typeof fold>[1]): Frame {
  const folded = fold(frame, message, 0);
  if (folded.kind !== 'frame') throw new Error(folded.kind);
  return folded.frame;
}

describe('the fold of a topic', () => {
  it('applies each delta to what was there', () => {
    const first = frameOf(undefined, snapshot);
    const next = frameOf(first, { topic: 'city', seq: 8, stream_seq: 41, event_time: 't2', delta: { a: { n: 2 } } });
    expect(next).toEqual({ data: { a: { n: 2 } }, seq: 8, streamSeq: 41, eventTime: 't2', waitingSinceMs: null });
  });

  it('sees a gap and keeps the last picture', () => {
    const first = frameOf(undefined, snapshot);
    const folded = fold(first, { topic: 'city', seq: 9, delta: {} }, 5);
    expect(folded).toEqual({ kind: 'gap', frame: { ...first, waitingSinceMs: 5 } });
  });

  it('takes no delta twice', () => {
    const first = frameOf(undefined, snapshot);
    expect(fold(first, { topic: 'city', seq: 7, delta: { a: null } }, 0).kind).toBe('ignored');
  });

  it('waits after a resync and is whole again with the snapshot', () => {
    const first = frameOf(undefined, snapshot);
    const waiting = frameOf(first, { topic: 'city', resync: true });
    expect(waiting.data).toEqual(first.data);
    expect(waiting.waitingSinceMs).toBe(0);
    expect(fold(waiting, { topic: 'city', seq: 12, delta: {} }, 0).kind).toBe('ignored');
    expect(frameOf(waiting, { ...snapshot, seq: 20 }).waitingSinceMs).toBeNull();
  });

  it('asks anew for a delta without a snapshot', () => {
    expect(fold(undefined, { topic: 'city', seq: 1, delta: {} }, 0).kind).toBe('gap');
  });
});
