import { describe, expect, it } from 'vitest';
import { shortNames } from './people';

describe('the name of a person', () => {
  it('is the last four characters', () => {
    expect(shortNames(['A7KQ2PLM90XXH4QD']).get('A7KQ2PLM90XXH4QD')).toBe('H4QD');
  });

  it('is longer where two on one screen would look alike', () => {
    const names = shortNames(['AAAAAAAAAAAXH4QD', 'AAAAAAAAAAAYH4QD', 'AAAAAAAAAAAYM7TX']);
    expect([...names.values()].sort()).toEqual(['M7TX', 'XH4QD', 'YH4QD']);
  });

  it('ends when the whole pseudonym is shown', () => {
    const names = shortNames(['H4QD', 'XXH4QD']);
    expect(names.get('H4QD')).toBe('H4QD');
    expect(names.get('XXH4QD')).toBe('XH4QD');
  });
});
