/** Asks the SQL endpoint. Aborting the signal closes the connection, which stops the work there. */
import { address, readAddress } from '../lib/api';
import { readExact } from './exact';
import type { Answer, Catalog, Problem } from './types';

export const FORMATS = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;
export type Format = keyof typeof FORMATS;

export class SqlProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

export const readCatalog = (signal?: AbortSignal): Promise<Catalog> => readAddress(address('sql/catalog'), signal);

async function ask(sql: string, accept: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address('sql'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ sql }),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new SqlProblem({ status: 0, title: '', detail: error instanceof Error ? error.message : '' });
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as Partial<Problem>;
  throw new SqlProblem({ title: '', detail: '', ...body, status: response.status });
}

export async function runSql(sql: string, signal: AbortSignal): Promise<Answer> {
  return readExact(await (await ask(sql, 'application/json', signal)).text()) as Answer;
}

export async function exportSql(sql: string, format: Format, signal: AbortSignal): Promise<Blob> {
  return (await ask(sql, FORMATS[format], signal)).blob();
}
