// Merging: values are absolute, deletes are keys, snapshots replace.
import { expect, it } from 'vitest';
import type { DataFrame } from '../api/types';
import { Merged } from './merge';

const frame = (op: 'snapshot' | 'update', views: Record<string, unknown>): DataFrame =>
  op === 'snapshot' ? { op, epoch: 'e', version: 1, as_of: '', views } : { op, epoch: 'e', prev: 1, version: 2, as_of: '', ingested_at: null, views };
const country = (name: string | null, revenue_cents: number) => ({ country: name, buyers: 1, orders: 1, revenue_cents, average_basket_cents: revenue_cents });

it('sorts by revenue, then by key, the unknown last', () => {
  const merged = new Merged();
  merged.apply(frame('snapshot', { countries: [country(null, 5), country('B', 5), country('A', 5), country('C', 9)] }));
  expect(merged.snapshot().countries?.map((row) => row.country)).toEqual(['C', 'A', 'B', null]);
});

it('upserts and deletes by key, the null key too, and twice as well as once', () => {
  const merged = new Merged();
  merged.apply(frame('snapshot', { countries: [country(null, 5), country('A', 1)] }));
  const change = frame('update', { countries: { upsert: [country('A', 7)], delete: [null] } });
  merged.apply(change);
  merged.apply(change);
  expect(merged.snapshot().countries).toEqual([country('A', 7)]);
});

it('gives the very same array where nothing was touched', () => {
  const merged = new Merged();
  merged.apply(frame('snapshot', { countries: [country('A', 1)], summary: { orders: 1 } }));
  const before = merged.snapshot();
  merged.apply(frame('update', { summary: { orders: 2 } }));
  expect(merged.snapshot().countries).toBe(before.countries);
  expect(merged.snapshot().summary).toEqual({ orders: 2 });
});

it('keeps the newest purchase first', () => {
  const merged = new Merged();
  merged.apply(frame('snapshot', { purchases: [{ purchase_id: '2' }, { purchase_id: '1' }] }));
  merged.apply(frame('update', { purchases: { upsert: [{ purchase_id: '4' }, { purchase_id: '3' }], delete: ['1'] } }));
  expect(merged.snapshot().purchases?.map((row) => row.purchase_id)).toEqual(['4', '3', '2']);
});
