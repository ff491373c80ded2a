/** The address says what is shown: the page by its path, the side panel and tabs by its query. */

/** What a side panel can show; `alerts` and `cells` are lists and need no id. */
export type PanelKind = 'district' | 'cell' | 'case' | 'person' | 'venue' | 'alert' | 'alerts' | 'cells';

export interface PanelTarget {
  kind: PanelKind;
  id: string;
}

const KINDS: PanelKind[] = ['district', 'cell', 'case', 'person', 'venue', 'alert', 'alerts', 'cells'];

/** `kind:id`; ids may hold colons themselves. */
export function parsePanel(text: string | null): PanelTarget | null {
  if (!text) return null;
  const cut = text.indexOf(':');
  const kind = (cut < 0 ? text : text.slice(0, cut)) as PanelKind;
  return KINDS.includes(kind) ? { kind, id: cut < 0 ? '' : text.slice(cut + 1) } : null;
}

export function panelText(target: PanelTarget): string {
  return target.id ? `${target.kind}:${target.id}` : target.kind;
}

export type Page = { kind: 'wall' } | { kind: 'desk'; district: string } | { kind: 'sql' } | { kind: 'none' };

export function parsePage(path: string): Page {
  if (path === '/' || path === '/index.html') return { kind: 'wall' };
  if (/^\/sql\/?$/.test(path)) return { kind: 'sql' };
  const desk = /^\/district\/([^/]+)\/?$/.exec(path);
  return desk?.[1] ? { kind: 'desk', district: decodeURIComponent(desk[1]) } : { kind: 'none' };
}

class Router {
  #url = $state.raw(new URL(location.href));
  readonly page: Page = $derived(parsePage(this.#url.pathname));
  readonly panel: PanelTarget | null = $derived(parsePanel(this.#url.searchParams.get('panel')));

  constructor() {
    addEventListener('popstate', () => (this.#url = new URL(location.href)));
  }

  query(name: string): string | null {
    return this.#url.searchParams.get(name);
  }

  /** The address with some of the query changed; null removes. */
  href(changes: Record<string, string | null>): string {
    const url = new URL(this.#url);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.pathname + url.search;
  }

  panelHref(target: PanelTarget): string {
    return this.href({ panel: panelText(target) });
  }

  go(href: string, replace = false): void {
    const url = new URL(href, location.href);
    if (replace) history.replaceState({}, '', url);
    else history.pushState({}, '', url);
    this.#url = url;
  }

  open(target: PanelTarget): void {
    this.go(this.panelHref(target));
  }

  close(): void {
    this.go(this.href({ panel: null }));
  }

  /** Links inside the page are followed without loading it anew. */
  follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href]');
    if (!link || link.origin !== location.origin || link.target) return;
    if (parsePage(link.pathname).kind === 'none') return;
    event.preventDefault();
    this.go(link.href);
  };
}

export const router = new Router();
