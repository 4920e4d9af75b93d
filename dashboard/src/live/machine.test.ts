// The connection as sentences: every way it can go, without a socket or a clock.
import { describe, expect, it } from 'vitest';
import type { Frame } from '../api/types';
import { backoffMs, initial, isSilent, step, type Connection, type Effect, type Event, type Visibility } from './machine';

const VIEWS = { summary: {} };
const snapshot = (version: number, epoch = 'e'): Frame => ({ op: 'snapshot', epoch, version, as_of: '', views: {} });
const update = (prev: number, version: number, epoch = 'e'): Frame => ({ op: 'update', epoch, prev, version, as_of: '', ingested_at: null, views: {} });

function run(events: Event[], from: Connection = initial(VIEWS)): { end: Connection; effects: Effect[] } {
  let end = from;
  const effects: Effect[] = [];
  for (const event of events) {
    const [next, done] = step(end, event);
    end = next;
    effects.push(...done);
  }
  return { end, effects };
}

const opened: Event[] = [{ type: 'start', now: 0 }, { type: 'opened', now: 10 }];
const live: Event[] = [...opened, { type: 'frame', frame: snapshot(41), now: 20 }];

describe('the connection', () => {
  it('connects, subscribes and is live with the first frame', () => {
    const { end, effects } = run(live);
    expect(effects.map((effect) => effect.do)).toEqual(['connect', 'subscribe', 'apply']);
    expect(end.phase).toEqual({ kind: 'live', since: 20 });
    expect(end.position).toEqual({ epoch: 'e', version: 41 });
  });

  it('applies an update that follows, and subscribes again on a gap', () => {
    const following = run([...live, { type: 'frame', frame: update(41, 44), now: 30 }]);
    expect(following.end.position?.version).toBe(44);
    const gap = run([...live, { type: 'frame', frame: update(43, 44), now: 30 }]);
    expect(gap.end.phase.kind).toBe('syncing');
    expect(gap.effects.at(-1)).toEqual({ do: 'subscribe', views: VIEWS, after: null });
  });

  it('takes an update of another epoch for a gap', () => {
    expect(run([...live, { type: 'frame', frame: update(41, 42, 'f'), now: 30 }]).end.phase.kind).toBe('syncing');
  });

  it('goes on after what it has when it comes back', () => {
    const { effects } = run([...live, { type: 'closed', code: 1006, chance: 0.5, page: 'visible', now: 40 }, { type: 'tick', now: 9999 }, { type: 'opened', now: 10_000 }]);
    expect(effects.at(-1)).toEqual({ do: 'subscribe', views: VIEWS, after: { epoch: 'e', version: 41 } });
  });

  it('asks whole for other views, and ignores a late update of the former', () => {
    const { end, effects } = run([...live, { type: 'watch', views: { days: {} }, now: 30 }, { type: 'frame', frame: update(41, 42), now: 31 }]);
    expect(effects.at(-1)).toEqual({ do: 'subscribe', views: { days: {} }, after: null });
    expect(end.phase.kind).toBe('syncing');
  });

  it('waits with full jitter that doubles up to half a minute, or five seconds while somebody looks', () => {
    const after = (attempt: number, chance: number, page: Visibility = 'hidden') => backoffMs(attempt, { chance, page });
    expect([0, 1, 2, 10].map((attempt) => after(attempt, 1))).toEqual([500, 1000, 2000, 30_000]);
    expect(after(10, 0.5)).toBe(15_000);
    expect(after(3, 0)).toBe(100);
    expect(after(10, 1, 'visible')).toBe(5_000);
  });

  it('counts attempts anew only after ten stable seconds', () => {
    const back: Event[] = [...live, { type: 'closed', code: 1006, chance: 1, page: 'visible', now: 40 }, { type: 'tick', now: 600 }, { type: 'opened', now: 610 }, { type: 'frame', frame: snapshot(1), now: 620 }];
    expect(run([...back, { type: 'tick', now: 5000 }]).end.attempt).toBe(1);
    expect(run([...back, { type: 'tick', now: 10_700 }]).end.attempt).toBe(0);
  });

  it('honours the wish of a server that goes', () => {
    const { end } = run([...live, { type: 'frame', frame: { op: 'server_shutdown', reconnect_after_ms: 1200 }, now: 30 }, { type: 'closed', code: 1012, chance: 1, page: 'visible', now: 40 }]);
    expect(end.phase).toEqual({ kind: 'waiting', retryAt: 1240 });
  });

  it.each([4400, 4401, 4403, 4406, 4429, 1009])('stops at the final code %i, until it is asked to resume', (code) => {
    const stopped = run([...live, { type: 'closed', code, chance: 1, page: 'visible', now: 40 }]);
    expect(stopped.end.phase).toEqual({ kind: 'stopped', code });
    expect(run([{ type: 'tick', now: 99_999 }], stopped.end).effects).toEqual([]);
    expect(run([{ type: 'resume', now: 50 }], stopped.end).end.phase.kind).toBe('connecting');
  });

  it('tries at once when it is woken', () => {
    const { end } = run([...live, { type: 'closed', code: 1006, chance: 1, page: 'visible', now: 40 }, { type: 'wake', now: 41 }]);
    expect(end.phase.kind).toBe('connecting');
  });

  it('holds a server for gone after two and a half heartbeats of silence', () => {
    const { end } = run(live);
    expect(isSilent(end, 2519)).toBe(false);
    expect(isSilent(end, 2521)).toBe(true);
    const silent = run([{ type: 'silent', chance: 1, page: 'visible', now: 2521 }], end);
    expect(silent.end.phase.kind).toBe('waiting');
    expect(silent.effects).toEqual([{ do: 'disconnect' }]);
  });

  it('waits for a snapshot that is long on its way, once the server has greeted', () => {
    const hello: Frame = { op: 'hello', epoch: 'e', version: 41, heartbeat_ms: 1000 };
    const mute = run(opened).end;
    expect(isSilent(mute, 2_600)).toBe(true);
    const greeted = run([...opened, { type: 'frame', frame: hello, now: 20 }]).end;
    expect(isSilent(greeted, 59_000)).toBe(false);
    expect(isSilent(greeted, 61_000)).toBe(true);
    const slow = run([{ type: 'frame', frame: snapshot(41), now: 8_020 }], greeted).end;
    // What took eight seconds once may do so again.
    expect(isSilent(slow, 15_000)).toBe(false);
    expect(isSilent(slow, 17_000)).toBe(true);
    const elsewhere = run([{ type: 'watch', views: { days: {} }, now: 9_000 }], slow).end;
    expect(isSilent(elsewhere, 8_020 + 31_000)).toBe(false);
    expect(isSilent(elsewhere, 8_020 + 33_000)).toBe(true);
  });

  it('does not wait long for a snapshot over a line that is known to be quick', () => {
    const hello: Frame = { op: 'hello', epoch: 'e', version: 41, heartbeat_ms: 1000 };
    const quick = run([...opened, { type: 'frame', frame: hello, now: 20 }, { type: 'frame', frame: snapshot(41), now: 50 }, { type: 'watch', views: { days: {} }, now: 60 }]).end;
    expect(isSilent(quick, 9_000)).toBe(false);
    expect(isSilent(quick, 10_100)).toBe(true);
  });

  it('is quiet while paused, and goes on from there', () => {
    const { end } = run([...live, { type: 'pause', now: 30 }, { type: 'frame', frame: update(41, 42), now: 31 }]);
    expect(end.phase.kind).toBe('paused');
    const { effects } = run([{ type: 'resume', now: 50 }, { type: 'opened', now: 60 }], end);
    expect(effects.at(-1)).toMatchObject({ after: { version: 41 } });
  });

  it('leaves out a view that an older server does not know', () => {
    const from = initial({ summary: {}, status: {} });
    const { end } = run([...opened, { type: 'frame', frame: { op: 'error', code: 'unknown_view', detail: 'there is no view status; there are summary, countries' }, now: 20 }], from);
    expect(end.views).toEqual({ summary: {} });
    const later = run([{ type: 'watch', views: { days: {}, status: {} }, now: 30 }], end);
    expect(later.end.views).toEqual({ days: {} });
  });

  it('says why there are no figures until there are some again, and comes back for them', () => {
    const refusal: Event[] = [
      { type: 'frame', frame: { op: 'error', code: 'sum_overflow', detail: 'revenue would pass 2^53 cents' }, now: 30 },
      { type: 'closed', code: 1012, chance: 1, page: 'visible', now: 31 },
    ];
    const { end } = run([...live, ...refusal]);
    expect(end).toMatchObject({ refused: 'revenue would pass 2^53 cents', phase: { kind: 'waiting' } });
    const again = run([{ type: 'tick', now: 60_000 }, { type: 'opened', now: 60_001 }], end).end;
    expect(again.refused).not.toBeNull();
    expect(run([{ type: 'frame', frame: snapshot(50), now: 60_002 }], again).end.refused).toBeNull();
  });
});
