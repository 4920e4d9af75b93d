// How fast the page is, in a real browser in front of the real binary: from a purchase to the painted figure, how
// busy its one thread is in a rush, and how soon a first visit shows something. `make bench` prints it.
import { test, type Browser, type CDPSession, type Page } from '@playwright/test';
import type { Summary } from '../src/api/types';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { pageOnDisk } from './watch';
import { expectedGold } from './recorded';

const IDLE_PURCHASES = 150;
const RUSH_SECONDS = 10;
const RUSH_PER_SECOND = 200;
const RUSH_BATCH = 5;
const VISITS = 5;
const SETTLE_MS = 3000;
const rows: [string, string][] = [];
const server = new Goldstream([ONLINE_RETAIL]);

interface Watched {
  /** How many orders were on the screen, and since when, by the machine's clock. */
  painted: [number, number][];
  tasks: number[];
  shifts: number;
  firstFigure: number;
  firstChart: number;
}

test.beforeAll(async () => {
  await server.start();
  await server.counted(expectedGold().summary.orders);
});
test.afterAll(async () => {
  await server.end();
  const width = Math.max(...rows.map(([name]) => name.length));
  console.log(rows.map(([name, figure]) => `${name.padEnd(width)}  ${figure}`).join('\n'));
});

const quantile = (values: number[], share: number): number => [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? NaN;
const spread = (name: string, values: number[]): number => rows.push([`${name}, p50 / p99 ms`, `${quantile(values, 0.5).toFixed(0)} / ${quantile(values, 0.99).toFixed(0)}`]);

/** Runs in the page before its own code: what is painted, how long tasks are, what moves. */
function watch(): void {
  const watched = window as unknown as Watched;
  Object.assign(watched, { painted: [], tasks: [], shifts: 0, firstFigure: 0, firstChart: 0 } satisfies Watched);
  const after = (then: () => void) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = then;
    port2.postMessage(null);
  });
  const look = (): void => {
    const count = Number((document.querySelector('[data-figure="orders"]')?.textContent ?? '').replaceAll(/\D/g, ''));
    if (count > 0 && watched.firstFigure === 0) after(() => (watched.firstFigure ||= performance.now()));
    if (watched.firstChart === 0 && document.querySelector('.chart svg path')) after(() => (watched.firstChart ||= performance.now()));
    if (count === 0 || count === watched.painted.at(-1)?.[0]) return;
    const shown: [number, number] = [count, 0];
    watched.painted.push(shown);
    // The page writes in an animation frame; a message sent now is read once that frame is painted.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (shown[1] = performance.timeOrigin + performance.now());
    port2.postMessage(null);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  new PerformanceObserver((list) => watched.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!entry.hadRecentInput) watched.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

let sold = 0;
async function buy(count: number): Promise<void> {
  const body = Array.from({ length: count }, () => ({ id_achat: `bench-${(sold += 1)}`, id_client: '14646', date_achat: '2011-12-09 12:55:00', montant: '1.00', produit: `BENCH ${sold % 50}` }));
  const answer = await fetch(`${server.url}/api/v1/purchases`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
}

async function opened(page: Page): Promise<void> {
  await pageOnDisk(page.context());
  await page.addInitScript(watch);
  await page.goto(`${server.url}/?lang=en`);
  await page.locator('[data-standing=live]').waitFor();
  await page.waitForFunction(() => (window as unknown as Watched).firstChart > 0);
}

/** What a visit begins with is over: it is measured by itself. */
async function settled(page: Page): Promise<void> {
  await opened(page);
  await page.waitForTimeout(SETTLE_MS);
}

/** How long after it was sent each count was painted. */
async function latencies(page: Page, sent: Map<number, number>): Promise<number[]> {
  const last = Math.max(...sent.keys());
  await page.waitForFunction((last) => ((window as unknown as Watched).painted.at(-1)?.[0] ?? 0) >= last, last);
  const painted = await page.evaluate(() => (window as unknown as Watched).painted);
  return [...sent].map(([count, at]) => (painted.find(([shown, when]) => shown >= count && when > 0)?.[1] ?? NaN) - at);
}

const now = (): number => performance.timeOrigin + performance.now();
const busySeconds = async (cdp: CDPSession): Promise<number> => (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;

test('one purchase at a time', async ({ page }) => {
  await settled(page);
  const { orders } = await server.json<Summary>('/api/v1/summary');
  const sent = new Map<number, number>();
  for (let i = 1; i <= IDLE_PURCHASES; i += 1) {
    // In step with no pace of the page.
    await page.waitForTimeout(60 + ((i * 37) % 90));
    sent.set(orders + i, now());
    await buy(1);
  }
  spread('one purchase: sent → painted', await latencies(page, sent));
});

test('a rush', async ({ page }) => {
  await settled(page);
  const { orders } = await server.json<Summary>('/api/v1/summary');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await page.evaluate(() => ((window as unknown as Watched).tasks = []));
  const [begun, busy] = [now(), await busySeconds(cdp)];
  const sent = new Map<number, number>();
  for (let batch = 0; now() - begun < 1000 * RUSH_SECONDS; batch += 1) {
    await page.waitForTimeout(Math.max(0, begun + (1000 * batch * RUSH_BATCH) / RUSH_PER_SECOND - now()));
    sent.set(orders + (batch + 1) * RUSH_BATCH, now());
    await buy(RUSH_BATCH);
  }
  const seconds = (now() - begun) / 1000;
  const share = ((await busySeconds(cdp)) - busy) / seconds;
  const tasks = await page.evaluate(() => (window as unknown as Watched).tasks);
  spread(`${Math.round((sent.size * RUSH_BATCH) / seconds)} purchases/s: sent → painted`, await latencies(page, sent));
  rows.push(['the same: share of the page’s thread', `${(100 * share).toFixed(0)} %`]);
  rows.push(['the same: tasks over 50 ms a second (the longest, ms)', `${(tasks.length / seconds).toFixed(1)} (${Math.max(0, ...tasks).toFixed(0)})`]);
});

async function visit(browser: Browser): Promise<{ figure: number; chart: number; shifts: number; bytes: number }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  let bytes = 0;
  await cdp.send('Network.enable');
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  cdp.on('Network.webSocketFrameReceived', ({ response }) => (bytes += response.payloadData.length));
  await opened(page);
  await page.waitForTimeout(500);
  const { firstFigure: figure, firstChart: chart, shifts } = await page.evaluate(() => ({ ...(window as unknown as Watched) }) as Watched);
  await context.close();
  return { figure, chart, shifts, bytes };
}

test('a first visit', async ({ browser }) => {
  const visits: Awaited<ReturnType<typeof visit>>[] = [];
  for (let i = 0; i < VISITS; i += 1) visits.push(await visit(browser));
  const median = (of: (visit: (typeof visits)[number]) => number): number => quantile(visits.map(of), 0.5);
  rows.push(['first visit: figures · chart after, ms', `${median((v) => v.figure).toFixed(0)} · ${median((v) => v.chart).toFixed(0)}`]);
  rows.push(['first visit: layout shift', median((v) => v.shifts).toFixed(3)]);
  rows.push(['first visit: bytes over the wire, feed included', `${(median((v) => v.bytes) / 1000).toFixed(0)} kB`]);
});
