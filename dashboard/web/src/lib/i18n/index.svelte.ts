/** The language of the page: Vietnamese first, `?lang=en` or the switch changes it, and it is remembered. */
import type { Lang } from '../format';
import { en } from './en';
import { vi, type Words } from './vi';

const STORE_KEY = 'vonglau.lang';
const WORDS: Record<Lang, Words> = { vi, en };

const isLang = (text: string | null): text is Lang => text === 'vi' || text === 'en';

function remembered(): Lang {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLang(asked)) return asked;
  const kept = localStorage.getItem(STORE_KEY);
  return isLang(kept) ? kept : 'vi';
}

class Language {
  lang = $state<Lang>(remembered());
  readonly words: Words = $derived(WORDS[this.lang]);

  choose(lang: Lang): void {
    this.lang = lang;
    localStorage.setItem(STORE_KEY, lang);
    const url = new URL(location.href);
    url.searchParams.delete('lang');
    history.replaceState(history.state, '', url);
  }

  /** The name of a district or ward in this language. */
  name(row: { name_vi: string; name_en: string }): string {
    return this.lang === 'vi' ? row.name_vi : row.name_en;
  }
}

export const language = new Language();
