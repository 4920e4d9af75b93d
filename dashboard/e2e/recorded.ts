// A feed that a test holds in its hand: it answers with the gold that the batch computed, and is silent or skips
// when it is told.
import type { Page, WebSocketRoute } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import type { Gold, Summary } from '../src/api/types';
import { ONLINE_RETAIL } from './goldstream';

/** The batch knows no version. */
export type BatchGold = Omit<Gold, 'epoch' | 'version' | 'as_of'>;

export function expectedGold(): BatchGold {
  return JSON.parse(gunzipSync(readFileSync(join(ONLINE_RETAIL, 'expected.json.gz'))).toString()) as BatchGold;
}

interface Subscription {
  op: string;
  id: string;
  interval_ms?: number;
  views: Record<string, { top?: number; country?: string }>;
  after?: { epoch: string; version: number };
}

export class RecordedFeed {
  readonly subscriptions: Subscription[] = [];
  connections = 0;
  /** Takes connections and says nothing. */
  isMute = false;
  private version = 41;
  private socket: WebSocketRoute | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly gold: BatchGold) {}

  async install(page: Page): Promise<void> {
    await page.routeWebSocket(/\/api\/v1\/feed/, (socket) => this.open(socket));
  }

  /** Sends a new summary; `isGap` leaves out a version, as if a frame were lost. */
  update(summary: Summary, isGap = false): void {
    this.gold.summary = summary;
    this.change({ summary }, isGap);
  }

  /** Sends changes of any views. */
  change(views: object, isGap = false): void {
    const prev = isGap ? this.version + 1 : this.version;
    this.version = prev + 1;
    const now = new Date().toISOString();
    this.send({ op: 'update', id: 'main', epoch: 'e', prev, version: this.version, as_of: now, ingested_at: now, views });
  }

  fallSilent(): void {
    clearInterval(this.timer);
  }

  private open(socket: WebSocketRoute): void {
    this.connections += 1;
    this.socket = socket;
    clearInterval(this.timer);
    if (this.isMute) return;
    this.timer = setInterval(() => this.send({ op: 'heartbeat', epoch: 'e', version: this.version, at: new Date().toISOString() }), 500);
    socket.onMessage((text) => this.answer(JSON.parse(String(text)) as Subscription));
    this.send({ op: 'hello', protocol: 'goldstream.v1', epoch: 'e', version: this.version, heartbeat_ms: 1000 });
  }

  private answer(message: Subscription): void {
    if (message.op !== 'subscribe') return;
    this.subscriptions.push(message);
    const views = Object.fromEntries(Object.entries(message.views).flatMap(([name, spec]) => this.view(name, spec)));
    this.send({ op: 'snapshot', id: 'main', epoch: 'e', version: this.version, as_of: new Date().toISOString(), views });
  }

  private view(name: string, spec: { top?: number; country?: string }): [string, unknown][] {
    if (!(name in this.gold)) return [];
    const value = this.gold[name as keyof BatchGold];
    if (name === 'products' && spec.top !== undefined) return [[name, [...this.gold.products].sort((a, b) => b.revenue_cents - a.revenue_cents).slice(0, spec.top)]];
    if (name !== 'customers') return [[name, value]];
    const wanted = this.gold.customers.filter((row) => spec.country === undefined || row.country === spec.country);
    return [[name, wanted.sort((a, b) => b.revenue_cents - a.revenue_cents).slice(0, spec.top ?? 100)]];
  }

  private send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }
}
