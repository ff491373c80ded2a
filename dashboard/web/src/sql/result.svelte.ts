/** The rows on the screen and how they came. Whatever brings rows sets them here, so the views need not know. */
import { runSql, SqlProblem } from './client';
import type { Sort } from './sorting';
import type { Answer, Problem, Value } from './types';

const TICK_MS = 100;

export class Result {
  answer = $state.raw<Answer | null>(null);
  /** The query the rows answer, which may no longer be the one in the editor. */
  sql = $state('');
  /** The query last asked, which a problem is with. */
  asked = $state('');
  problem = $state.raw<Problem | null>(null);
  /** Grows with each result that has nothing to do with the one before. */
  turn = $state(0);
  /** Rows of a followed query that its last change brought. */
  fresh = $state.raw<ReadonlySet<Value[]>>(new Set());
  /** How the table's reader put the rows; kept while the columns are the same. */
  sort = $state.raw<Sort | null>(null);
  running = $state(false);
  stopped = $state(false);
  elapsedMs = $state(0);
  #work: AbortController | null = null;

  /** True where rows came. Rows of before stay until then. */
  async run(sql: string): Promise<boolean> {
    this.#work?.abort();
    const work = new AbortController();
    this.#work = work;
    const begun = performance.now();
    this.asked = sql;
    this.running = true;
    this.stopped = false;
    this.problem = null;
    this.elapsedMs = 0;
    const clock = setInterval(() => (this.elapsedMs = performance.now() - begun), TICK_MS);
    try {
      const answer = await runSql(sql, work.signal);
      if (this.#work !== work) return false;
      this.show(answer, sql);
      return true;
    } catch (error) {
      if (this.#work !== work) return false;
      if (work.signal.aborted) this.stopped = true;
      else if (error instanceof SqlProblem) this.problem = error.problem;
      else this.problem = { status: 0, title: '', detail: error instanceof Error ? error.message : String(error) };
      return false;
    } finally {
      clearInterval(clock);
      if (this.#work === work) this.running = false;
    }
  }

  /** Another way of bringing rows starts. */
  begin(sql: string): void {
    this.asked = sql;
    this.#work?.abort();
    this.#work = null;
    this.running = false;
    this.stopped = false;
    this.problem = null;
  }

  show(answer: Answer, sql: string): void {
    if (JSON.stringify(this.answer?.columns) !== JSON.stringify(answer.columns)) this.sort = null;
    this.answer = answer;
    this.sql = sql;
    this.fresh = new Set();
    this.turn += 1;
  }

  /** The same result, changed. */
  update(answer: Answer, fresh: ReadonlySet<Value[]>): void {
    this.answer = answer;
    this.fresh = fresh;
  }

  /** No change is the last one any more. */
  settle(): void {
    this.fresh = new Set();
  }

  fail(problem: Problem): void {
    this.problem = problem;
  }

  stop(): void {
    this.#work?.abort();
  }
}
