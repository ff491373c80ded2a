import { describe, expect, it, vi } from 'vitest';

vi.stubGlobal('location', { href: 'http://127.0.0.1/' });
vi.stubGlobal('addEventListener', () => undefined);
const { panelText, parsePage, parsePanel } = await import('./router.svelte');

describe('the address', () => {
  it('names a page by its path', () => {
    expect(parsePage('/')).toEqual({ kind: 'wall' });
    expect(parsePage('/district/008')).toEqual({ kind: 'desk', district: '008' });
    expect(parsePage('/district/008/')).toEqual({ kind: 'desk', district: '008' });
    expect(parsePage('/else')).toEqual({ kind: 'none' });
  });

  it('names a panel by kind and id, and ids may hold colons', () => {
    const alert = { kind: 'alert' as const, id: 'cluster:HN-1:2021-11-27' };
    expect(parsePanel(panelText(alert))).toEqual(alert);
    expect(parsePanel('alerts')).toEqual({ kind: 'alerts', id: '' });
    expect(parsePanel('nothing:1')).toBeNull();
    expect(parsePanel(null)).toBeNull();
  });
});
