// What the screen shows: the merged shop, published once per animation frame, and how the connection stands.
import type { DataFrame, Key, ViewSpec } from '../api/types';
import { Feed } from '../live/feed';
import { initial, type Connection } from '../live/machine';
import { standingOf } from '../live/standing';
import { calendarDay, shopToday } from './calendar';
import { assignColours, GREY } from './colours';
import { Merged, type Snapshot } from './merge';
import { Samples } from './samples';
import type { Page } from './url';

/** What every page needs: the facts of trust, the shop's today and the colours. */
const COMMON: ViewSpec = { summary: {}, accounting: {}, days: {}, months: {}, countries: {}, status: {} };

export function viewsOf(page: Page, country: string, top: number): ViewSpec {
  switch (page) {
    case 'accueil':
      return { ...COMMON, products: {}, customers: { top: 100 }, purchases: { top: 12 } };
    case 'clients':
      return { ...COMMON, customers: country === '' ? { top } : { top, country } };
    case 'produits':
      return { ...COMMON, products: {} };
    default:
      return COMMON;
  }
}

/** How often ages and countdowns move. */
const CLOCK_MS = 500;

class Shop {
  data = $state.raw<Snapshot>({});
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
  today = $derived(shopToday(this.data.days ?? [], this.clock?.now.slice(0, 10) ?? calendarDay(new Date(this.now))));
  readonly roundTrips = new Samples();
  readonly latencies = new Samples();

  private colours = new Map<Key, string>();
  private readonly merged = new Merged();
  private feed: Feed | null = null;
  private planned = false;
  private oldest: number | null = null;

  start(views: ViewSpec): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.feed = new Feed(`${scheme}://${location.host}/api/v1/feed`, views, {
      changed: (connection) => {
        this.connection = connection;
        this.now = Date.now();
      },
      frame: (frame) => this.take(frame),
      roundTrip: (ms) => this.roundTrips.add(ms),
    });
    this.feed.start();
    window.setInterval(() => (this.now = Date.now()), CLOCK_MS);
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

  colourOf(country: Key): string {
    return this.colours.get(country) ?? GREY;
  }

  private take(frame: DataFrame): void {
    this.merged.apply(frame);
    this.asOf = frame.as_of;
    this.version = `${frame.epoch}:${frame.version}`;
    if (frame.op === 'update' && frame.ingested_at !== null) this.oldest ??= Date.parse(frame.ingested_at);
    if (this.planned) return;
    this.planned = true;
    // A hidden tab draws no frames; its numbers are still to be true when it is looked at.
    if (document.visibilityState === 'hidden') window.setTimeout(() => this.publish(), 250);
    else requestAnimationFrame(() => this.publish());
  }

  private publish(): void {
    this.planned = false;
    const data = this.merged.snapshot();
    if (this.colours.size === 0 && data.countries) this.colours = assignColours(data.countries);
    this.data = data;
    this.changedAt = this.now = Date.now();
    if (this.oldest !== null && document.visibilityState === 'visible') this.latencies.add(this.changedAt - this.oldest);
    this.oldest = null;
  }
}

export const shop = new Shop();
