/** What this browser keeps of the workbench: saved queries, the last ones run, the draft, the height of the editor. */
import { readHeight } from './height';
import { hasRoom, HISTORY_MAX, readKept, restored, SAVED_MAX, without, withKept, type Kept } from './kept';

const STORE = 'vonglau.sql.';
const MAX = { saved: SAVED_MAX, history: HISTORY_MAX };
export type ListId = keyof typeof MAX;

const stored = (list: ListId): Kept[] => readKept(localStorage.getItem(STORE + list), MAX[list]);

export class Shelf {
  saved = $state.raw(stored('saved'));
  history = $state.raw(stored('history'));
  height = $state(readHeight(localStorage.getItem(`${STORE}height`)));
  /** What was taken out last; it can be brought back. */
  removed = $state.raw<{ list: ListId; gone: Kept[] } | null>(null);
  /** Why the browser kept nothing. */
  wrong = $state('');

  /** What other tabs keep is shown here too, until the given function is called. */
  watch(): () => void {
    const changed = ({ key }: StorageEvent): void => {
      if (key === null || key === `${STORE}saved`) this.saved = stored('saved');
      if (key === null || key === `${STORE}history`) this.history = stored('history');
    };
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
  }

  /** What ran before falls off the end. */
  ran(entry: Kept): void {
    this.#keep('history', withKept(this.#now('history'), entry, HISTORY_MAX));
  }

  /** False where it was not kept. What somebody saved never goes by itself to make room. */
  save(entry: Kept): boolean {
    const now = this.#now('saved');
    return hasRoom(now, entry, SAVED_MAX) && this.#keep('saved', withKept(now, entry, SAVED_MAX));
  }

  /** All of a list where none is named. */
  remove(list: ListId, gone: Kept | null): void {
    const now = this.#now(list);
    this.removed = { list, gone: gone ? [gone] : now };
    this.#keep(list, without(now, gone));
  }

  undo(): void {
    const removed = this.removed;
    if (removed) this.#keep(removed.list, restored(this.#now(removed.list), removed.gone, MAX[removed.list]));
    this.removed = null;
  }

  resize(px: number): void {
    this.height = px;
    this.#store(localStorage, 'height', String(px));
  }

  /** Of this tab alone, so that two of them do not write over one another. */
  draft(): string | null {
    return sessionStorage.getItem(`${STORE}draft`);
  }

  keepDraft(sql: string): void {
    this.#store(sessionStorage, 'draft', sql);
  }

  /** As any tab left it; where the browser keeps nothing, as this page holds it. */
  #now(list: ListId): Kept[] {
    return this.wrong ? this[list] : stored(list);
  }

  #keep(list: ListId, now: Kept[]): boolean {
    this[list] = now;
    return this.#store(localStorage, list, JSON.stringify(now));
  }

  #store(where: Storage, name: string, value: string): boolean {
    try {
      where.setItem(STORE + name, value);
      this.wrong = '';
    } catch (error) {
      this.wrong = error instanceof Error ? error.message : String(error);
    }
    return !this.wrong;
  }
}
