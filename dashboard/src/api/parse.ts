// The edge: text from the socket becomes a Frame, or null where it is none. Unknown ops are ignored, as the
// contract asks. Must not know what a frame leads to.
import type { Frame } from './types';

type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

export function parseFrame(data: unknown): Frame | null {
  if (typeof data !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  return isObject(value) ? frameOf(value) : null;
}

function frameOf(value: Fields): Frame | null {
  const at = { epoch: text(value['epoch']), version: number(value['version']) };
  const views = isObject(value['views']) ? value['views'] : {};
  const as_of = text(value['as_of']);
  switch (value['op']) {
    case 'hello':
      return { op: 'hello', ...at, heartbeat_ms: number(value['heartbeat_ms']) || 1000 };
    case 'snapshot':
      return { op: 'snapshot', ...at, as_of, views };
    case 'update':
      return { op: 'update', ...at, prev: number(value['prev']), as_of, ingested_at: text(value['ingested_at']) || null, views };
    case 'heartbeat':
      return { op: 'heartbeat', ...at };
    case 'pong':
      return { op: 'pong', id: text(value['id']) };
    case 'error':
      return { op: 'error', code: text(value['code']), detail: text(value['detail']) };
    case 'server_shutdown':
      return { op: 'server_shutdown', reconnect_after_ms: number(value['reconnect_after_ms']) };
    default:
      return null;
  }
}
