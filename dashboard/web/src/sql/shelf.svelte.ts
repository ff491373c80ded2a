/** What this browser keeps of the workbench: saved queries, the last ones run, the draft, the height of the editor. */
import { readHeight } from './height';
import { HISTORY_MAX, readKept, restored, SAVED_MAX, without, withKept, type Kept } from './kept';

const STORE = 'vonglau.sql.';
const MAX = { saved: SAVED_MAX, history: HISTORY_MAX };
export type ListId = keyof typeof MAX;

export class Shelf {
  saved = $state.raw(readKept(localStorage.getItem(`${STORE}saved`), SAVED_MAX));
  history = $state.raw(readKept(localStorage.getItem(`${STORE}history`), HISTORY_MAX));
  height = $state(readHeight(localStorage.getItem(`${STORE}height`)));
  /** What was taken out last; it can be brought back. */
  removed = $state.raw<{ list: ListId; gone: Kept[] } | null>(null);
  /** Why the browser kept nothing. */
  wrong = $state('');

  add(list: ListId, entry: Kept): void {
    this.#keep(list, withKept(this[list], entry, MAX[list]));
  }

  /** All of a list where none is named. */
  remove(list: ListId, gone: Kept | null): void {
    this.removed = { list, gone: gone ? [gone] : this[list] };
    this.#keep(list, without(this[list], gone));
  }

  undo(): void {
    const removed = this.removed;
    if (removed) this.#keep(removed.list, restored(this[removed.list], removed.gone, MAX[removed.list]));
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

  #keep(list: ListId, now: Kept[]): void {
    this[list] = now;
    this.#store(localStorage, list, JSON.stringify(now));
  }

  #store(where: Storage, name: string, value: string): void {
    try {
      where.setItem(STORE + name, value);
      this.wrong = '';
    } catch (error) {
      this.wrong = error instanceof Error ? error.message : String(error);
    }
  }
}
