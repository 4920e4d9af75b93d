// Asking the server over HTTP: one place for ETags, errors and times. Must not hold what the feed tells.
import { isObject } from './parse';
import { shown } from './token';

export interface Timing {
  path: string;
  total_ms: number;
  /** What the server says it took, by Server-Timing. */
  server_ms: number | null;
}

export class RestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const kept = new Map<string, { tag: string; body: unknown }>();
const KEPT = 40;

/** The JSON at the path; an unchanged answer costs the server one 304. */
export async function get<T>(path: string): Promise<T> {
  const known = kept.get(path);
  const response = await fetch(`/api/v1${path}`, { headers: { ...shown(), ...(known && { 'If-None-Match': known.tag }) } });
  if (response.status === 304 && known) return known.body as T;
  if (!response.ok) throw await problem(response);
  const body: unknown = await response.json();
  remember(path, response.headers.get('ETag'), body);
  return body as T;
}

/** The text at the path, whole. */
export async function text(path: string): Promise<string> {
  const response = await fetch(`/api/v1${path}`, { headers: shown() });
  if (!response.ok) throw await problem(response);
  return response.text();
}

export async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`/api/v1${path}`, {
    method: 'POST',
    headers: { ...shown(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await problem(response);
  return (await response.json()) as T;
}

export async function measure(path: string): Promise<Timing> {
  const begun = performance.now();
  const response = await fetch(path, { cache: 'no-store', headers: shown() });
  await response.arrayBuffer();
  if (!response.ok) throw new RestError(response.status, path);
  return { path, total_ms: onTheLine(response.url, begun) ?? performance.now() - begun, server_ms: serverMs(response.headers.get('Server-Timing')) };
}

/** What the browser itself measured, from the request to the last byte: the page's own thread may have been busy meanwhile. */
function onTheLine(url: string, since: number): number | null {
  const found = performance.getEntriesByName(url, 'resource').findLast((entry) => entry.startTime >= since - 1) as PerformanceResourceTiming | undefined;
  // The list is bounded: what was measured is told, and forgotten.
  performance.clearResourceTimings();
  return found === undefined || found.responseEnd === 0 ? null : found.responseEnd - (found.requestStart || found.startTime);
}

export function serverMs(header: string | null): number | null {
  const durations = [...(header ?? '').matchAll(/dur=([\d.]+)/g)].map((found) => Number(found[1]));
  return durations.length > 0 ? Math.max(...durations) : null;
}

function remember(path: string, tag: string | null, body: unknown): void {
  if (tag === null) return;
  const oldest = kept.keys().next();
  if (kept.size >= KEPT && !oldest.done) kept.delete(oldest.value);
  kept.set(path, { tag, body });
}

async function problem(response: Response): Promise<RestError> {
  const body: unknown = await response.json().catch(() => null);
  const detail = isObject(body) && typeof body['detail'] === 'string' ? body['detail'] : response.statusText;
  return new RestError(response.status, detail);
}
