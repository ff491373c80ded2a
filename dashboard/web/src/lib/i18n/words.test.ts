import { describe, expect, it } from 'vitest';
import { en } from './en';
import { vi } from './vi';

function paths(words: object, at = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? paths(value as object, `${at}${key}.`) : [[at + key, value]],
  );
}

describe('the words', () => {
  it('are the same keys in both languages, none of them empty', () => {
    expect(paths(en).map(([path]) => path)).toEqual(paths(vi).map(([path]) => path));
    for (const [path, value] of [...paths(vi), ...paths(en)]) {
      expect(value, path).not.toBe('');
      if (typeof value === 'string') expect(value, path).not.toMatch(/[!≥≤→▲▼]/);
    }
  });
});
