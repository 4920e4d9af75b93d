// What a server that is older than the page has not in its feed, it has as lists: they are asked for with each
// new version, at most once a second. Must ask for nothing that the feed tells.
import { get } from '../api/rest';
import type { Rows, ViewSpec } from '../api/types';
import type { Snapshot } from './merge';

const EVERY_MS = 1000;
const LISTS = ['customers', 'products', 'months', 'days', 'countries'];
const SINGLES = ['status'];

export class Older {
  rows: Snapshot = {};
  private timer: number | undefined;

  constructor(private readonly changed: (rows: Snapshot) => void) {}

  ask(views: ViewSpec, unknown: readonly string[]): void {
    const wanted = Object.entries(views).filter(([name]) => unknown.includes(name) && [...LISTS, ...SINGLES].includes(name));
    if (wanted.length === 0 || this.timer !== undefined) return;
    const isFirst = wanted.some(([name]) => !(name in this.rows));
    this.timer = window.setTimeout(() => void this.fetch(wanted), isFirst ? 0 : EVERY_MS);
  }

  private async fetch(wanted: [string, { top?: number; country?: string }][]): Promise<void> {
    try {
      const found = await Promise.all(wanted.map(async ([name, spec]) => [name, await one(name, spec)] as const));
      this.rows = Object.fromEntries(found);
      this.changed(this.rows);
    } catch {
      // The connection's lamp says already that the server is away; the next version asks again.
    } finally {
      this.timer = undefined;
    }
  }
}

async function one(name: string, spec: { top?: number; country?: string }): Promise<unknown> {
  if (SINGLES.includes(name)) return get(`/${name}`);
  const query = new URLSearchParams({ limit: String(Math.min(1000, spec.top ?? 1000)) });
  if (spec.country !== undefined) query.set('country', spec.country);
  const rows: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Rows<unknown> = await get(`/${name}?${query.toString()}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    rows.push(...page.rows);
    cursor = spec.top === undefined ? page.next : null;
  }
  return rows;
}
