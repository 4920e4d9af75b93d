// The list of alerts as frames change it, and its sentences.
import { expect, it } from 'vitest';
import type { DataFrame } from '../api/types';
import { ALERTS_MESSAGES } from '../format/alerts';
import { placeholders } from '../format/fill';
import { Merged } from './merge';

const alert = (id: string, opened_at: string, state: string) => ({ id, opened_at, state });

it('has the newest alert first, and each once, however it changes', () => {
  const merged = new Merged();
  const rows = [alert('lag:2026-11-29T10', '2026-11-29T10:00:00.000Z', 'open'), alert('silence:2026-11-28T10', '2026-11-28T13:00:00.000Z', 'open')];
  merged.apply({ op: 'snapshot', epoch: 'e', version: 1, as_of: '', views: { alerts: rows } } satisfies DataFrame);
  const upsert = [alert('silence:2026-11-28T10', '2026-11-28T13:00:00.000Z', 'resolved'), alert('goal:2026-11', '2026-11-29T11:00:00.000Z', 'open')];
  merged.apply({ op: 'update', epoch: 'e', prev: 1, version: 1, as_of: '', ingested_at: null, views: { alerts: { upsert, delete: [] } } } satisfies DataFrame);
  expect(merged.snapshot().alerts?.map((row) => `${row.id} ${row.state}`)).toEqual(['goal:2026-11 open', 'lag:2026-11-29T10 open', 'silence:2026-11-28T10 resolved']);
});

it('says the same in both languages', () => {
  for (const [key, text] of Object.entries(ALERTS_MESSAGES.fr)) {
    const other = ALERTS_MESSAGES.en[key as keyof typeof ALERTS_MESSAGES.en];
    expect(placeholders(text), key).toEqual(placeholders(other));
    expect(text === other, key).toBe(false);
  }
});
