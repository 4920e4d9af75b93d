// What the screen shows: the merged shop, published once per animation frame, and how the connection stands. Figures
// follow each frame; what is drawn or written from many rows follows once a second, so that a rush leaves the page free.
import type { DataFrame, Key, ViewSpec } from '../api/types';
import { Feed } from '../live/feed';
import { initial, type Connection } from '../live/machine';
import { standingOf } from '../live/standing';
import { calendarDay, shopToday } from './calendar';
import { assignColours, GREY } from './colours';
import { keepFigures, keptFigures } from './kept';
import { Merged, type Snapshot } from './merge';
import { Samples } from './samples';
import type { Page } from './url';

/** What every page needs: the facts of trust, the shop's today and the colours. */
const COMMON: ViewSpec = { summary: {}, accounting: {}, days: {}, months: {}, countries: {}, status: {}, alerts: {} };

/** More than a first page shows; the whole would be most of what a first visit weighs. */
const HOME_TOP = 50;

export function viewsOf(page: Page, country: string, top: number): ViewSpec {
  switch (page) {
    case 'accueil':
      return { ...COMMON, products: { top: HOME_TOP }, customers: { top: HOME_TOP }, purchases: { top: 12 } };
    case 'clients':
      return { ...COMMON, customers: country === '' ? { top } : { top, country } };
    case 'produits':
      return { ...COMMON, products: { top } };
    default:
      return COMMON;
  }
}

/** How often ages and countdowns move. */
const CLOCK_MS = 500;
/** How often charts, tables and sentences do. */
const PACE_MS = 1000;

class Shop {
  data = $state.raw<Snapshot>({});
  /** The same, at most once a second, and at once where it is another page's. */
  paced = $state.raw<Snapshot>({});
  connection = $state.raw<Connection>(initial({}));
  /** The version on the screen, for lists that are fetched anew with it. */
  version = $state.raw('');
  /** The server's clock at the last frame that was applied, and the browser's. */
  asOf = $state.raw<string | null>(null);
  changedAt = $state.raw(0);
  now = $state.raw(Date.now());
  standing = $derived(standingOf(this.connection, { now: this.now, isOnline: navigator.onLine, hasFigures: this.asOf !== null }));
  /** The clock of a made-up shop, where the server has one. It may be ahead of the reader's. */
  clock = $derived(this.data.status?.shop_clock ?? null);
  /** What its amounts are in. An earlier server does not tell. */
  currency = $derived(this.data.status?.currency ?? 'EUR');
  /** The day that it is where the shop is: a made-up one has its own. */
  calendar = $derived(this.clock?.now.slice(0, 10) ?? calendarDay(new Date(this.now)));
  /** The last day of its data that has come. */
  today = $derived(shopToday(this.data.days ?? [], this.calendar));
  readonly roundTrips = new Samples();
  readonly latencies = new Samples();

  private colours = new Map<Key, string>();
  private readonly merged = new Merged();
  private feed: Feed | null = null;
  private planned = false;
  private pacedAt = -PACE_MS;
  private pacing: number | undefined;
  private oldest: number | null = null;

  start(views: ViewSpec): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.feed = new Feed(`${scheme}://${location.host}/api/v1/feed`, views, {
      changed: (connection) => {
        this.connection = connection;
        this.now = Date.now();
        if (this.asOf === null && connection.phase.kind === 'waiting') this.recall();
      },
      frame: (frame) => this.take(frame),
      roundTrip: (ms) => this.roundTrips.add(ms),
    });
    this.feed.start();
    window.setInterval(() => (this.now = Date.now()), CLOCK_MS);
    document.addEventListener('visibilitychange', () => this.keep());
    window.addEventListener('pagehide', () => this.keep());
  }

  private keep(): void {
    // What is old already is kept already.
    if (this.asOf !== null && this.version !== '') keepFigures({ data: this.data, as_of: this.asOf, at: this.changedAt });
  }

  /** The server is away, and nothing was seen of it yet: the last figures, which are marked as old. */
  private recall(): void {
    const kept = keptFigures();
    if (kept === null) return;
    this.asOf = kept.as_of;
    this.data = this.paced = kept.data;
    this.changedAt = kept.at;
    if (kept.data.countries) this.colours = assignColours(kept.data.countries);
  }

  watch(views: ViewSpec): void {
    this.feed?.watch(views);
  }

  togglePause(): void {
    if (this.connection.phase.kind === 'paused') this.feed?.resume();
    else this.feed?.pause();
  }

  retry(): void {
    this.feed?.resume();
  }

  tryNow(): void {
    this.feed?.tryNow();
  }

  colourOf(country: Key): string {
    return this.colours.get(country) ?? GREY;
  }

  private take(frame: DataFrame): void {
    this.merged.apply(frame);
    if (frame.op === 'snapshot') this.pacedAt = -PACE_MS;
    this.asOf = frame.as_of;
    this.version = `${frame.epoch}:${frame.version}`;
    if (frame.op === 'update' && frame.ingested_at !== null) this.oldest ??= Date.parse(frame.ingested_at);
    if (this.planned) return;
    this.planned = true;
    // A hidden tab draws no frames; its numbers are still to be true when it is looked at.
    if (document.visibilityState === 'hidden') window.setTimeout(() => this.publish(), 250);
    else requestAnimationFrame(() => this.publish());
  }

  /** In a task of its own, so that the figures are painted first. */
  private pace(): void {
    window.clearTimeout(this.pacing);
    this.pacing = window.setTimeout(() => {
      this.pacedAt = performance.now();
      this.paced = this.data;
    }, Math.max(0, this.pacedAt + PACE_MS - performance.now()));
  }

  private publish(): void {
    this.planned = false;
    const data = this.merged.snapshot();
    if (this.colours.size === 0 && data.countries) this.colours = assignColours(data.countries);
    // The first figures come with all that is made of them.
    if (this.changedAt === 0) this.paced = data;
    this.data = data;
    this.pace();
    this.changedAt = this.now = Date.now();
    if (this.oldest !== null && document.visibilityState === 'visible') this.latencies.add(this.changedAt - this.oldest);
    this.oldest = null;
  }
}

export const shop = new Shop();
