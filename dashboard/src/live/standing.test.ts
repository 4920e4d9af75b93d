// What the light says.
import { expect, it } from 'vitest';
import { initial, type Phase } from './machine';
import { isOld, standingOf } from './standing';

const around = { now: 10_000, isOnline: true, hasFigures: true };
const at = (phase: Phase, heardAt = 10_000) => ({ ...initial({}), phase, heardAt });
const word = (phase: Phase, heardAt?: number, more = {}) => standingOf(at(phase, heardAt), { ...around, ...more }).word;

it('is live while the server is heard, also while only the views change', () => {
  expect(word({ kind: 'live', since: 0 })).toBe('live');
  expect(word({ kind: 'syncing', isNew: false })).toBe('live');
  expect(word({ kind: 'live', since: 0 }, 7_400)).toBe('stale');
});

it('holds figures for old until a new socket has shown others', () => {
  expect(word({ kind: 'connecting', since: 0 })).toBe('stale');
  expect(word({ kind: 'syncing', isNew: true })).toBe('stale');
  expect(word({ kind: 'connecting', since: 0 }, 0, { hasFigures: false })).toBe('connecting');
  expect(word({ kind: 'syncing', isNew: true }, 0, { hasFigures: false })).toBe('syncing');
});

it('counts the seconds down, and says where the network is missing', () => {
  expect(standingOf(at({ kind: 'waiting', retryAt: 11_200 }), around)).toEqual({ word: 'reconnecting', seconds: 2 });
  expect(standingOf(at({ kind: 'waiting', retryAt: 9_000 }), around)).toEqual({ word: 'reconnecting', seconds: 0 });
  expect(word({ kind: 'waiting', retryAt: 11_200 }, 0, { isOnline: false })).toBe('offline');
});

it('marks what is old, and a pause is not', () => {
  const phases: Phase[] = [{ kind: 'waiting', retryAt: 0 }, { kind: 'stopped', code: 4401 }, { kind: 'connecting', since: 0 }, { kind: 'live', since: 0 }, { kind: 'paused' }];
  expect(phases.map((phase) => isOld(standingOf(at(phase), around)))).toEqual([true, true, true, false, false]);
});
