// A list of the server that lies outside the feed's window: asked again with a new version, at most once a
// second, and never two requests at a time.
import { get } from '../api/rest';
import type { Rows } from '../api/types';

const EVERY_MS = 1000;

export class RestList<Row> {
  rows = $state.raw<Row[] | null>(null);
  hasNext = $state(false);
  failure = $state('');
  private wanted: { path: string; page: number } | null = null;
  private timer: number | undefined;
  private askedAt = 0;
  private isBusy = false;

  /** `page` counts from 1; pages before it are walked through by their cursors. */
  ask(path: string, page: number): void {
    this.wanted = { path, page };
    this.plan();
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.wanted = null;
    this.timer = undefined;
  }

  private plan(): void {
    if (this.timer !== undefined || this.isBusy) return;
    this.timer = window.setTimeout(() => void this.fetch(), Math.max(0, this.askedAt + EVERY_MS - performance.now()));
  }

  private async fetch(): Promise<void> {
    const wanted = this.wanted;
    this.timer = undefined;
    if (wanted === null) return;
    this.isBusy = true;
    this.askedAt = performance.now();
    try {
      const found = await pageOf<Row>(wanted.path, wanted.page);
      if (this.wanted !== null) [this.rows, this.hasNext, this.failure] = [found.rows, found.next !== null, ''];
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
    this.isBusy = false;
    if (this.wanted !== null && this.wanted !== wanted) this.plan();
  }
}

async function pageOf<Row>(path: string, page: number): Promise<Rows<Row>> {
  let found = await get<Rows<Row>>(path);
  for (let at = 1; at < page && found.next !== null; at += 1) {
    found = await get<Rows<Row>>(`${path}&cursor=${encodeURIComponent(found.next)}`);
  }
  return found;
}
