// One purchase of 1970, or nine honest years, while purchases come in: the page draws a picture and stays live.
import type { Page } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plusDays } from '../src/state/calendar';
import { Format } from '../src/format/numbers';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const HEADER = 'id_achat,id_client,date_achat,montant,produit';
const fr = new Format('fr', 'EUR');
const NINE_YEARS = 3287;
const LONGEST_MS = 200;

/** A purchase a day. */
const days = (from: string, count: number): string[] => Array.from({ length: count }, (_, i) => `h${i},${i % 5},${plusDays(from, i)},10,Pen`);

/** Half a year, and a purchase of 1970. */
const REPORT = readFileSync(new URL('../../tests/data/reports/17-day-of-1970/achats.csv', import.meta.url), 'utf8').trim().split('\n').slice(1);

async function withShop(rows: readonly string[], then: (server: Goldstream) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'goldstream-history-'));
  writeFileSync(join(dir, 'achats.csv'), [HEADER, ...rows].join('\n') + '\n');
  const server = new Goldstream([dir]);
  try {
    await server.start();
    await server.counted(rows.length);
    await then(server);
  } finally {
    await server.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Watched {
  tasks: number[];
}

/** Purchases at three a second while the page is open; then how long its longest task was, and its connections. */
async function busy(page: Page, server: Goldstream, day: string, isDone: () => Promise<void>): Promise<{ longest: number; sockets: number }> {
  let sockets = 0;
  page.on('websocket', () => (sockets += 1));
  await page.goto(`${server.url}/?page=tendances`);
  await expect(page.locator('.chart svg').last()).toBeVisible();
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.evaluate(() => {
    const watched = ((window as unknown as Watched).tasks = [] as number[]);
    new PerformanceObserver((list) => watched.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  });
  for (let i = 0; i < 15; i += 1) {
    const row = { id_achat: `${day}-${i}`, id_client: '1', date_achat: day, montant: '10', produit: 'Pen' };
    expect((await page.request.post(`${server.url}/api/v1/purchases`, { data: row })).ok()).toBe(true);
    // The pace of the purchases is the test's subject.
    await page.waitForTimeout(333);
  }
  await isDone();
  const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as Watched).tasks));
  return { longest, sockets };
}

const chart = (page: Page) => page.getByRole('figure').last();

test('a purchase of 1970 is told, outside the first view, and the page stays live', async ({ page }) => {
  const last = REPORT.map((row) => row.split(',')[2] ?? '').sort().at(-1) ?? '';
  await withShop(REPORT, async (server) => {
    const { longest, sockets } = await busy(page, server, last, async () => {
      await expect(chart(page).locator('[data-outside]')).toContainText('1 commande avant le 1 janv. 2024');
      await expect(chart(page)).toContainText('jour après jour');
      await page.getByRole('button', { name: 'Tout montrer' }).click();
      await expect(chart(page)).toContainText('année après année');
      await chart(page).getByRole('button', { name: /^En tableau/ }).click();
      await expect(chart(page).locator('tbody tr').first()).toContainText('1 janv. 1970');
      await chart(page).getByRole('button', { name: /^En graphique/ }).click();
      await page.getByRole('button', { name: 'Sans les dates lointaines' }).click();
      await expect(chart(page)).toContainText('jour après jour');
    });
    expect(longest).toBeLessThan(LONGEST_MS);
    expect(sockets).toBe(1);
    await page.goto(server.url);
    await expect(page.locator('[data-figure="orders"]')).toHaveText(fr.whole(REPORT.length + 15));
    await expect(page.locator('[data-outside]')).toContainText('1 commande avant le');
  });
});

test('nine years of days are drawn as months, as days where one zooms in, and the page stays live', async ({ page }) => {
  const last = plusDays('2015-01-01', NINE_YEARS - 1);
  await withShop(days('2015-01-01', NINE_YEARS), async (server) => {
    const { longest, sockets } = await busy(page, server, last, async () => {
      await expect(page.locator('[data-outside]')).toHaveCount(0);
      await expect(chart(page)).toContainText('mois après mois');
      await page.getByRole('button', { name: '1 an', exact: true }).last().click();
      await expect(chart(page)).toContainText('jour après jour');
      await page.getByRole('button', { name: 'Tout', exact: true }).last().click();
      await expect(chart(page)).toContainText('mois après mois');
      const saved = page.waitForEvent('download');
      await chart(page).getByRole('button', { name: /^CSV/ }).click();
      const lines = await (await saved).createReadStream().then(async (stream) => (await stream.toArray()).join('').trim().split('\r\n'));
      expect(lines).toHaveLength(1 + NINE_YEARS);
      // Its right half moved far to the left: what is seen is few enough to be days.
      const box = await chart(page).locator('.chart').boundingBox();
      if (!box) throw new Error('no chart');
      const slider = box.y + box.height - 13;
      await page.mouse.move(box.x + box.width - 14, slider);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.12, slider, { steps: 12 });
      await page.mouse.up();
      await expect(chart(page)).toContainText('jour après jour');
      await chart(page).getByRole('button', { name: /^En tableau/ }).click();
      await chart(page).getByRole('button', { name: /^En graphique/ }).click();
      await expect(chart(page)).toContainText('mois après mois');
    });
    expect(longest).toBeLessThan(LONGEST_MS);
    expect(sockets).toBe(1);
  });
});
