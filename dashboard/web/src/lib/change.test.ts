import { describe, expect, it } from 'vitest';
import type { Figure } from '../wire';
import { change, RISE, tableChange, toneOf } from './change';

const cases = (value: number): Figure => ({ value, unit: 'cases' });

describe('a change', () => {
  it('is told in per cent with one decimal, without its sign', () => {
    expect(change('f0_new_24h', cases(728), 722, 'vi')).toEqual({ direction: 'up', tone: 'bad', text: '0,8%' });
    expect(change('f0_new_24h', cases(90), 100, 'en')).toEqual({ direction: 'down', tone: 'good', text: '10.0%' });
  });

  it('is told in points for a percentage', () => {
    const full: Figure = { value: 76.4, unit: 'percent' };
    expect(change('vaccine_full_pct', full, 74.5, 'vi')).toEqual({ direction: 'up', tone: 'good', text: '1,9 điểm' });
  });

  it('is a number where there was nothing before', () => {
    expect(change('f0_new_24h', cases(5), 0, 'vi')?.text).toBe('5');
    expect(change('f0_new_24h', cases(0), 0, 'vi')).toEqual({ direction: 'flat', tone: 'neutral', text: '0,0%' });
  });

  it('is not there where one of the two is unknown', () => {
    expect(change('f0_new_24h', cases(5), null, 'vi')).toBeNull();
    expect(change('f0_new_24h', { unit: 'cases', null: 'unknown' }, 5, 'vi')).toBeNull();
    expect(change('f0_new_24h', undefined, 5, 'vi')).toBeNull();
  });
});

describe('a change in a table', () => {
  it('is whole, and a dash within three per cent', () => {
    expect(tableChange('f0_new_7d', cases(141), 100, 'vi')?.text).toBe('41%');
    expect(tableChange('f0_new_7d', cases(103), 100, 'vi')).toEqual({ direction: 'flat', tone: 'neutral', text: '3%' });
    expect(tableChange('f0_new_7d', cases(0), 0, 'vi')?.text).toBe('0%');
    expect(tableChange('f0_new_7d', cases(2), 0, 'vi')?.text).toBe('2');
    expect(tableChange('f0_new_7d', cases(104), 100, 'vi')?.direction).toBe('up');
  });
});

describe('the table of tones', () => {
  it('turns with the direction and keeps neutral figures neutral', () => {
    expect(toneOf('breaches_24h', 'up')).toBe('bad');
    expect(toneOf('breaches_24h', 'down')).toBe('good');
    expect(toneOf('contacts_found_24h_pct', 'down')).toBe('bad');
    expect(toneOf('scans_today', 'up')).toBe('neutral');
    expect(toneOf('f0_active', 'flat')).toBe('neutral');
    expect(Object.keys(RISE)).toHaveLength(25);
  });
});
