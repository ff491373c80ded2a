/** The fold of one topic: a snapshot, then deltas whose `seq` is one greater each. */
import type { TopicMessage } from '../../wire';
import { mergePatch } from '../merge';

export interface Frame {
  data: unknown;
  seq: number;
  streamSeq: number;
  eventTime: string | null;
  /** Real time since which a snapshot is awaited; the data is the last frame's until it comes. */
  waitingSinceMs: number | null;
}

export type Folded =
  | { kind: 'frame'; frame: Frame }
  /** The topic must be asked for anew. */
  | { kind: 'gap'; frame: Frame | undefined }
  | { kind: 'ignored' };

export function waiting(frame: Frame | undefined, nowMs: number): Frame {
  if (!frame) return { data: undefined, seq: -1, streamSeq: 0, eventTime: null, waitingSinceMs: nowMs };
  return { ...frame, waitingSinceMs: frame.waitingSinceMs ?? nowMs };
}

function stamped(message: TopicMessage, data: unknown): Frame {
  return {
    data,
    seq: message.seq ?? 0,
    streamSeq: message.stream_seq ?? 0,
    eventTime: message.event_time ?? null,
    waitingSinceMs: null,
  };
}

export function fold(frame: Frame | undefined, message: TopicMessage, nowMs: number): Folded {
  if (message.resync) return { kind: 'frame', frame: waiting(frame, nowMs) };
  if (message.snapshot !== undefined) return { kind: 'frame', frame: stamped(message, message.snapshot) };
  if (message.delta === undefined) return { kind: 'ignored' };
  if (!frame || frame.data === undefined) return { kind: 'gap', frame };
  const seq = message.seq ?? 0;
  if (seq <= frame.seq) return { kind: 'ignored' };
  if (seq !== frame.seq + 1) {
    // While a snapshot is awaited, the deltas on their way belong to the picture it replaces.
    return frame.waitingSinceMs === null ? { kind: 'gap', frame: waiting(frame, nowMs) } : { kind: 'ignored' };
  }
  return { kind: 'frame', frame: stamped(message, mergePatch(frame.data, message.delta)) };
}
