// A page of a list of the server, by its number. Cursors only lead forwards, so those of visited pages are kept:
// the next page and the one before cost one request, and only a link into the middle walks there.
import { get } from '../api/rest';
import type { Rows } from '../api/types';
import { Asked } from './asked.svelte';

interface Page<Row> {
  rows: Row[];
  /** The page that was found: the last one where fewer are left. */
  number: number;
  hasNext: boolean;
}

export class RestList<Row> {
  private readonly asked = new Asked<Page<Row>>();
  private path = '';
  /** By page from the first, which needs none. */
  private cursors: (string | null)[] = [null];

  get rows(): Row[] | null {
    return this.asked.answer?.rows ?? null;
  }

  get page(): number {
    return this.asked.answer?.number ?? 1;
  }

  get hasNext(): boolean {
    return this.asked.answer?.hasNext ?? false;
  }

  get failure(): string {
    return this.asked.failure;
  }

  get error(): unknown {
    return this.asked.error;
  }

  /** `page` counts from 1. */
  ask(path: string, page: number): void {
    if (path !== this.path) [this.path, this.cursors] = [path, [null]];
    this.asked.ask(`${path} ${page}`, () => this.walk(path, page, this.cursors));
  }

  again(): void {
    this.asked.again();
  }

  stop(): void {
    this.asked.stop();
  }

  private async walk(path: string, page: number, cursors: (string | null)[]): Promise<Page<Row>> {
    let at = Math.min(page, cursors.length);
    for (;;) {
      const cursor = cursors[at - 1] ?? null;
      const { rows, next } = await get<Rows<Row>>(cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
      if (next !== null) cursors[at] = next;
      if (at >= page || next === null) return { rows, number: at, hasNext: next !== null };
      at += 1;
    }
  }
}
