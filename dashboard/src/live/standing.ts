// How the connection stands, in the reader's terms: one word, and whether the figures are those of now. Pure.
import { isSilent, type Connection } from './machine';

export type Standing =
  | { word: 'live' | 'connecting' | 'syncing' | 'stale' | 'offline' | 'paused' }
  | { word: 'reconnecting'; seconds: number }
  | { word: 'stopped'; code: number };

export interface Surroundings {
  now: number;
  isOnline: boolean;
  /** Whether any figure is on the screen that could be old. */
  hasFigures: boolean;
}

export function standingOf(connection: Connection, { now, isOnline, hasFigures }: Surroundings): Standing {
  const { phase } = connection;
  switch (phase.kind) {
    case 'paused':
      return { word: 'paused' };
    case 'stopped':
      return { word: 'stopped', code: phase.code };
    case 'waiting':
      return isOnline ? { word: 'reconnecting', seconds: Math.max(0, Math.ceil((phase.retryAt - now) / 1000)) } : { word: 'offline' };
    case 'idle':
    case 'connecting':
      if (!isOnline) return { word: 'offline' };
      return { word: hasFigures ? 'stale' : 'connecting' };
    case 'syncing':
      if (!hasFigures) return { word: 'syncing' };
      return { word: phase.isNew || isSilent(connection, now) ? 'stale' : 'live' };
    case 'live':
      return { word: isSilent(connection, now) ? 'stale' : 'live' };
  }
}

/** Whether the screen must say that its figures are old; a pause is the reader's own wish. */
export function isOld({ word }: Standing): boolean {
  return word === 'stale' || word === 'reconnecting' || word === 'offline' || word === 'stopped';
}
