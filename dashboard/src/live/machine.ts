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
  /** When the views were asked for that are awaited or shown. */
  askedAt: number;
  /** Whether this socket has said anything yet. */
  isGreeted: boolean;
  /** How long the last snapshot was on its way: over such a link a frame takes its time. */
  snapshotMs: number;
  attempt: number;
  /** The server's own wish for the next attempt. */
  wishedMs: number | null;
  /** Why it shows no figures, in its words. */
  refused: string | null;
}

/** What the next attempt hangs on besides how many there were. */
interface Chance {
  chance: number;
  page: Visibility;
}

export type Event = { now: number } & (
  | { type: 'start' | 'opened' | 'resume' | 'pause' | 'tick' | 'wake' }
  | { type: 'watch'; views: ViewSpec }
  | { type: 'frame'; frame: Frame }
  | ({ type: 'closed'; code: number } & Chance)
  | ({ type: 'silent' } & Chance)
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
/** Who looks at the page is not kept waiting longer; a hidden one has time. */
export const LONGEST_DELAY_MS = { visible: 5_000, hidden: 30_000 } as const;
export type Visibility = keyof typeof LONGEST_DELAY_MS;
const STABLE_MS = 10_000;
const CONNECT_MS = 10_000;
const SILENT_HEARTBEATS = 2.5;
/** A browser tells a message once it is there whole, so a snapshot on a slow line looks like silence. */
const SNAPSHOT_MAX_MS = 60_000;
/** Where the line is known to be quick. Another page's snapshot may be larger than the last. */
const SNAPSHOT_MIN_MS = 10_000;
const SLOW_FRAME_MAX_MS = 20_000;

export function initial(views: ViewSpec): Connection {
  return { phase: { kind: 'idle' }, views, unknown: [], position: null, heartbeatMs: 1000, heardAt: 0, askedAt: 0, isGreeted: false, snapshotMs: 0, attempt: 0, wishedMs: null, refused: null };
}

/** Full jitter: anything up to the doubled limit, never less than a tenth of a second. */
export function backoffMs(attempt: number, { chance, page }: Chance): number {
  return Math.max(100, chance * Math.min(LONGEST_DELAY_MS[page], FIRST_DELAY_MS * 2 ** attempt));
}

export function isOpen(phase: Phase): boolean {
  return phase.kind === 'syncing' || phase.kind === 'live';
}

/** Whether the server has been silent too long, or never answered. */
export function isSilent(connection: Connection, now: number): boolean {
  const { phase, heardAt, heartbeatMs } = connection;
  if (phase.kind === 'connecting') return now - phase.since > CONNECT_MS;
  return isOpen(phase) && now - heardAt > patienceMs(connection, SILENT_HEARTBEATS * heartbeatMs);
}

/** How long nothing may be heard. Who has not even greeted has nothing large on its way. */
function patienceMs({ phase, isGreeted, snapshotMs }: Connection, silentMs: number): number {
  if (phase.kind === 'syncing') {
    if (!isGreeted) return silentMs;
    return snapshotMs === 0 ? SNAPSHOT_MAX_MS : Math.min(SNAPSHOT_MAX_MS, Math.max(SNAPSHOT_MIN_MS, 4 * snapshotMs));
  }
  return Math.max(silentMs, Math.min(SLOW_FRAME_MAX_MS, snapshotMs));
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
      return from.phase.kind === 'connecting' ? [{ ...from, phase: { kind: 'syncing', isNew: true }, heardAt: event.now, askedAt: event.now, isGreeted: false }, [subscription(from)]] : [from, []];
    case 'watch':
      return watch(from, event.views, event.now);
    case 'frame':
      return hear({ ...from, heardAt: event.now }, event.frame, event.now);
    case 'silent':
      return [wait(from, event.now, event), [{ do: 'disconnect' }]];
    case 'closed':
      return closed(from, event.code, event.now, event);
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

function watch(from: Connection, views: ViewSpec, now: number): Step {
  const next = { ...from, askedAt: now, views: without(views, from.unknown), position: null };
  return isOpen(from.phase) ? [{ ...next, phase: resyncing(from.phase) }, [subscription(next)]] : [next, []];
}

function resyncing(from: Phase): Phase {
  return { kind: 'syncing', isNew: from.kind === 'syncing' && from.isNew };
}

function wait(from: Connection, now: number, chance: Chance): Connection {
  const delay = from.wishedMs === null ? backoffMs(from.attempt, chance) : from.wishedMs;
  return { ...from, phase: { kind: 'waiting', retryAt: now + delay }, attempt: from.attempt + 1, wishedMs: null };
}

function closed(from: Connection, code: number, now: number, chance: Chance): Step {
  if (FINAL_CODES.has(code)) return [{ ...from, phase: { kind: 'stopped', code } }, []];
  const isExpected = from.phase.kind === 'connecting' || isOpen(from.phase);
  return [isExpected ? wait(from, now, chance) : from, []];
}

function hear(from: Connection, frame: Frame, now: number): Step {
  if (!isOpen(from.phase)) return [from, []];
  switch (frame.op) {
    case 'hello':
      return [{ ...from, heartbeatMs: frame.heartbeat_ms, isGreeted: true }, []];
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
    const lost = { ...from, askedAt: now, position: null, phase: resyncing(from.phase) };
    return [lost, [subscription(lost)]];
  }
  const since = from.phase.kind === 'live' ? from.phase.since : now;
  const position = { epoch: frame.epoch, version: frame.version };
  const snapshotMs = frame.op === 'snapshot' ? now - from.askedAt : from.snapshotMs;
  return [{ ...from, position, snapshotMs, refused: null, phase: { kind: 'live', since } }, [{ do: 'apply', frame }]];
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
