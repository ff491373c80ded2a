/** Reads over HTTP. An error says what the server said. */
export class ApiError extends Error {
  /** 0 where the server could not be reached. */
  readonly status: number;
  readonly retryAfterS: number | null;

  constructor(status: number, detail: string, retryAfterS: number | null) {
    super(detail);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

export type Query = Record<string, string | number | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value != null && value !== '');
  const search = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return `/api/v1/${path}${search ? `?${search}` : ''}`;
}

async function problem(response: Response): Promise<ApiError> {
  const retry = Number(response.headers.get('Retry-After'));
  const body = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  return new ApiError(response.status, body.detail ?? body.title ?? '', retry > 0 ? retry : null);
}

export async function readAddress<Answer>(url: string, signal?: AbortSignal): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { accept: 'application/json' }, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, error instanceof Error ? error.message : '', null);
  }
  if (!response.ok) throw await problem(response);
  return (await response.json()) as Answer;
}

/** A person, venue or code as one segment of a path. */
export const segment = encodeURIComponent;
