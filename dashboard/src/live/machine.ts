// The connection as a pure function: (state, event) → (state, effects). It owns no socket, clock or timer;
// the moment and the chance of an event stand in the event.
import type { DataFrame, Frame, Position, ViewSpec } from '../api/types';

export type Phase =
  | { kind: 'idle' }
  | { kind: 'connecting'; since: number }
  /** `isNew`: this socket has shown nothing yet; else only the views change. */
  | { kind: 'syncing'; isNew: boolean }
  | { kind: 'live'; since: number }
  | { kind: 'waiting'; retryAt: number }
  | { kind: 'paused' }
  | { kind: 'stopped'; code: number };

export interface Connection {
  phase: Phase;
  views: ViewSpec;
  /** Views that this server has refused: it is older than the page. */
  unknown: readonly string[];
  /** What is on the screen, of which subscription; `after` is only true for the same views. */
  position: Position | null;
  heartbeatMs: number;
  heardAt: number;
  attempt: number;
  /** The server's own wish for the next attempt. */
  wishedMs: number | null;
  /** Why it shows no figures, in its words. */
  refused: string | null;
}

export type Event = { now: number } & (
  | { type: 'start' | 'opened' | 'resume' | 'pause' | 'tick' | 'wake' }
  | { type: 'watch'; views: ViewSpec }
  | { type: 'frame'; frame: Frame }
  | { type: 'closed'; code: number; chance: number }
  | { type: 'silent'; chance: number }
);

export type Effect =
  | { do: 'connect' }
  | { do: 'disconnect' }
  | { do: 'subscribe'; views: ViewSpec; after: Position | null }
  | { do: 'apply'; frame: DataFrame };

export type Step = [Connection, Effect[]];

/** Coming back would only be refused again. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4406, 4429, 1009]);
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const STABLE_MS = 10_000;
const CONNECT_MS = 5_000;
const SILENT_HEARTBEATS = 2.5;

export function initial(views: ViewSpec): Connection {
  return { phase: { kind: 'idle' }, views, unknown: [], position: null, heartbeatMs: 1000, heardAt: 0, attempt: 0, wishedMs: null, refused: null };
}

/** Full jitter: anything up to the doubled limit, never less than a tenth of a second. */
export function backoffMs(attempt: number, chance: number): number {
  return Math.max(100, chance * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));
}

export function isOpen(phase: Phase): boolean {
  return phase.kind === 'syncing' || phase.kind === 'live';
}

/** Whether the server has been silent too long, or never answered. */
export function isSilent(connection: Connection, now: number): boolean {
  const { phase, heardAt, heartbeatMs } = connection;
  if (phase.kind === 'connecting') return now - phase.since > CONNECT_MS;
  return isOpen(phase) && now - heardAt > SILENT_HEARTBEATS * heartbeatMs;
}

export function step(from: Connection, event: Event): Step {
  switch (event.type) {
    case 'start':
      return from.phase.kind === 'idle' ? connect(from, event.now) : [from, []];
    case 'resume':
      return from.phase.kind === 'paused' || from.phase.kind === 'stopped' ? connect({ ...from, attempt: 0 }, event.now) : [from, []];
    case 'pause':
      return [{ ...from, phase: { kind: 'paused' } }, [{ do: 'disconnect' }]];
    case 'wake':
      return from.phase.kind === 'waiting' ? connect(from, event.now) : [from, []];
    case 'tick':
      return tick(from, event.now);
    case 'opened':
      return from.phase.kind === 'connecting' ? [{ ...from, phase: { kind: 'syncing', isNew: true }, heardAt: event.now }, [subscription(from)]] : [from, []];
    case 'watch':
      return watch(from, event.views);
    case 'frame':
      return hear({ ...from, heardAt: event.now }, event.frame, event.now);
    case 'silent':
      return [wait(from, event.now, event.chance), [{ do: 'disconnect' }]];
    case 'closed':
      return closed(from, event.code, event.now, event.chance);
  }
}

function connect(from: Connection, now: number): Step {
  return [{ ...from, phase: { kind: 'connecting', since: now }, wishedMs: null }, [{ do: 'connect' }]];
}

function subscription(of: Connection): Effect {
  return { do: 'subscribe', views: of.views, after: of.position };
}

function tick(from: Connection, now: number): Step {
  if (from.phase.kind === 'waiting' && now >= from.phase.retryAt) return connect(from, now);
  if (from.phase.kind === 'live' && from.attempt > 0 && now - from.phase.since > STABLE_MS) return [{ ...from, attempt: 0 }, []];
  return [from, []];
}

function watch(from: Connection, views: ViewSpec): Step {
  const next = { ...from, views: without(views, from.unknown), position: null };
  return isOpen(from.phase) ? [{ ...next, phase: resyncing(from.phase) }, [subscription(next)]] : [next, []];
}

function resyncing(from: Phase): Phase {
  return { kind: 'syncing', isNew: from.kind === 'syncing' && from.isNew };
}

function wait(from: Connection, now: number, chance: number): Connection {
  const delay = from.wishedMs === null ? backoffMs(from.attempt, chance) : from.wishedMs;
  return { ...from, phase: { kind: 'waiting', retryAt: now + delay }, attempt: from.attempt + 1, wishedMs: null };
}

function closed(from: Connection, code: number, now: number, chance: number): Step {
  if (FINAL_CODES.has(code)) return [{ ...from, phase: { kind: 'stopped', code } }, []];
  const isExpected = from.phase.kind === 'connecting' || isOpen(from.phase);
  return [isExpected ? wait(from, now, chance) : from, []];
}

function hear(from: Connection, frame: Frame, now: number): Step {
  if (!isOpen(from.phase)) return [from, []];
  switch (frame.op) {
    case 'hello':
      return [{ ...from, heartbeatMs: frame.heartbeat_ms }, []];
    case 'server_shutdown':
      return [{ ...from, wishedMs: frame.reconnect_after_ms }, []];
    case 'snapshot':
    case 'update':
      return take(from, frame, now);
    case 'error':
      // The server ends the connection by itself; until it shows figures again, this is why there are none.
      return frame.code === 'sum_overflow' ? [{ ...from, refused: frame.detail }, []] : withoutUnknownView(from, frame);
    default:
      return [from, []];
  }
}

function take(from: Connection, frame: DataFrame, now: number): Step {
  if (frame.op === 'update' && (from.position?.epoch !== frame.epoch || from.position.version !== frame.prev)) {
    // An update of the former subscription may still be on its way while the new one is awaited.
    if (from.phase.kind === 'syncing' && from.position === null) return [from, []];
    const lost = { ...from, position: null, phase: resyncing(from.phase) };
    return [lost, [subscription(lost)]];
  }
  const since = from.phase.kind === 'live' ? from.phase.since : now;
  const position = { epoch: frame.epoch, version: frame.version };
  return [{ ...from, position, refused: null, phase: { kind: 'live', since } }, [{ do: 'apply', frame }]];
}

function without(views: ViewSpec, unknown: readonly string[]): ViewSpec {
  return Object.fromEntries(Object.entries(views).filter(([name]) => !unknown.includes(name)));
}

/** A server that is older than the page knows fewer views: the rest is still worth showing. */
function withoutUnknownView(from: Connection, error: { code: string; detail: string }): Step {
  // "there is no view days; there are summary, …": only the first half names the refused one.
  const refused: string[] = (error.detail.split(';')[0] ?? '').match(/\w+/g) ?? [];
  const names = Object.keys(from.views).filter((name) => refused.includes(name));
  if (error.code !== 'unknown_view' || names.length === 0) return [from, []];
  const unknown = [...from.unknown, ...names.slice(0, 1)];
  const next = { ...from, unknown, views: without(from.views, unknown) };
  return [next, [subscription(next)]];
}
