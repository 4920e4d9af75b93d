// Lists of the shop: the feed's window where it holds what is looked at, else a page of the server, by its number. Cursors only lead forwards, so those of visited pages are kept:
// the next page and the one before cost one request, and only a link into the middle walks there.
import { get } from '../api/rest';
import type { Rows } from '../api/types';
import { Asked } from './asked.svelte';
import type { View } from './url';

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

/** The order of the feed's window. */
const BY_REVENUE = '-revenue_cents';

export interface Looked<Row> {
  view: View;
  /** What narrows the list, by the API's names; empty ones do not. */
  filters: Readonly<Record<string, string>>;
  /** The first by revenue, as far as the feed tells them, and how many there are in all where that is known. */
  window: readonly Row[] | undefined;
  total: number | null;
  /** Whether the window is of what is looked at: the feed knows no search. */
  isInFeed: boolean;
}

/** A list of which the feed tells the first rows: any other order, search or page is asked of the server. */
export class WindowedList<Row> {
  private readonly list = new RestList<Row>();
  readonly sort = $derived.by(() => this.looked().view.sort || BY_REVENUE);
  readonly isInWindow = $derived.by(() => this.sort === BY_REVENUE && this.looked().isInFeed && this.looked().view.p === 1);
  readonly rows = $derived.by(() => (this.isInWindow ? (this.looked().window?.slice(0, this.looked().view.n) ?? null) : this.list.rows));
  readonly page = $derived.by(() => (this.isInWindow ? 1 : this.list.page));
  readonly hasNext = $derived.by(() => (this.isInWindow ? this.isMore() : this.list.hasNext));
  readonly error = $derived.by(() => (this.list.failure !== '' && !this.isInWindow ? this.list.error : null));

  constructor(
    private readonly path: string,
    private readonly looked: () => Looked<Row>,
  ) {}

  /** For each version of the shop. */
  follow(): void {
    if (this.isInWindow) this.list.stop();
    else this.list.ask(`${this.path}?${this.query()}`, this.looked().view.p);
  }

  again(): void {
    this.list.again();
  }

  stop(): void {
    this.list.stop();
  }

  private isMore(): boolean {
    const { window, total, view } = this.looked();
    const here = window?.length ?? 0;
    return here > view.n || (here === view.n && (total === null || total > here));
  }

  private query(): string {
    const { view, filters } = this.looked();
    const given = Object.entries(filters).filter(([, value]) => value !== '');
    return new URLSearchParams([['limit', String(view.n)], ['sort', this.sort], ...given]).toString();
  }
}
