/** The store against the golden files of the contract, the same that the server's own tests write. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { TopicMessage } from '../../wire';
import { freshness } from '../freshness';
import { fold, type Frame } from './topics';

const FOLDER = fileURLToPath(new URL('../../../../tests/golden', import.meta.url));
const read = <Content>(name: string): Content => JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as Content;

function framed(frame: Frame | undefined, message: TopicMessage): Frame {
  const folded = fold(frame, message, 0);
  if (folded.kind !== 'frame') throw new Error(`${message.topic}: ${folded.kind}`);
  return folded.frame;
}

/** As frames have it: a null field is left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutNulls(field)]));
}

interface Row {
  id: string;
  code: string;
  figures: unknown;
}

const topics = readdirSync(FOLDER)
  .flatMap((name) => /^ws_snapshot_(.+)\.json$/.exec(name)?.[1] ?? [])
  .sort();

describe('the golden frames', () => {
  it.each(topics)('of %s fold into one picture', (topic) => {
    const delta = read<TopicMessage>(`ws_delta_${topic}`);
    const before = framed(undefined, read<TopicMessage>(`ws_snapshot_${topic}`));
    const after = framed(before, delta);
    expect(after.seq).toBe(before.seq + 1);
    for (const [key, change] of Object.entries(delta.delta as Record<string, unknown>)) {
      const held = (after.data as Record<string, unknown>)[key];
      if (change === null) expect(held).toBeUndefined();
      else if (typeof change !== 'object' || Array.isArray(change)) expect(held).toEqual(change);
      else expect(held).toMatchObject(withoutNulls(change) as object);
    }
  });

  it('give what HTTP gives', () => {
    const data = (topic: string): unknown => framed(undefined, read<TopicMessage>(`ws_snapshot_${topic}`)).data;
    const items = (name: string): Row[] => read<{ items: Row[] }>(name).items;
    const by = (name: string, key: (row: Row) => [string, unknown]): unknown =>
      Object.fromEntries(items(name).map((row) => key(withoutNulls(row) as Row)));

    expect(data('city')).toEqual(withoutNulls(read<{ figures: unknown }>('city').figures));
    expect(data('districts')).toEqual(by('districts', (row) => [row.code, row.figures]));
    expect(data('alerts')).toEqual(by('alerts', (row) => [row.id, row]));
    const cells = read<{ items: [string, number, number][] }>('hexes_risk').items;
    expect(data('hexes_risk_8')).toEqual(Object.fromEntries(cells.map(([cell, value, band]) => [cell, [value, band]])));
  });

  it('end with a resync that keeps the last picture until the next snapshot', () => {
    const resync = read<TopicMessage>('ws_resync');
    const before = framed(undefined, { ...read<TopicMessage>('ws_snapshot_city'), topic: resync.topic });
    expect(framed(before, resync)).toEqual({ ...before, waitingSinceMs: 0 });
  });

  it('have a status that the page understands', () => {
    const { status } = read<{ status: Parameters<typeof freshness>[0] }>('ws_status');
    expect(freshness(status, { downSinceMs: null }, 0)).not.toBe('connecting');
  });
});
