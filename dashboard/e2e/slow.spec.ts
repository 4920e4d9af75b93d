// A slow line: 30 kB a second, and a shop of 40,000 products. The page loads, once, and its tables go page by page.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plusDays } from '../src/state/calendar';
import { Format } from '../src/format/numbers';
import { Goldstream } from './goldstream';
import { SlowLine } from './throttle';
import { expect, test } from './watch';

const PRODUCTS = 40_000;
const BYTES_PER_SECOND = 30_000;
const SNAPSHOT_MAX_BYTES = 60_000;
const fr = new Format('fr', 'EUR');
const dir = mkdtempSync(join(tmpdir(), 'goldstream-slow-'));
const server = new Goldstream([dir]);
let line: SlowLine;
let url = '';

/** Each product is sold once, the cheap ones first; a year of days. */
const row = (i: number): string => `p${i},${i % 900},${plusDays('2025-11-01', i % 365)},${1 + i / 100},Product ${String(i).padStart(5, '0')} of a name of some length`;

test.beforeAll(async () => {
  writeFileSync(join(dir, 'achats.csv'), ['id_achat,id_client,date_achat,montant,produit', ...Array.from({ length: PRODUCTS }, (_, i) => row(i))].join('\n') + '\n');
  await server.start();
  await server.counted(PRODUCTS);
  line = new SlowLine(new URL(server.url), BYTES_PER_SECOND);
  url = await line.start();
});
test.afterAll(async () => {
  line.end();
  await server.end();
  rmSync(dir, { recursive: true, force: true });
});

test('the first page loads over one connection, with a small snapshot, and its charts after it', async ({ page }) => {
  let sockets = 0;
  const snapshots: number[] = [];
  page.on('websocket', (socket) => {
    sockets += 1;
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).startsWith('{"op":"snapshot"')) snapshots.push(payload.length);
    });
  });
  await page.goto(url);
  await expect(page.locator('[data-figure="orders"]')).toHaveText(fr.whole(PRODUCTS), { timeout: 60_000 });
  await expect(page.locator('[data-figure="products"]')).toHaveText(fr.whole(PRODUCTS));
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('.chart svg').first()).toBeVisible({ timeout: 60_000 });
  expect(sockets).toBe(1);
  expect(snapshots).toHaveLength(1);
  expect(snapshots[0]).toBeLessThan(SNAPSHOT_MAX_BYTES);
});

test('the table of products goes page by page, in any order, and finds', async ({ page }) => {
  await page.goto(`${url}/?page=produits&n=10`);
  const rows = page.getByRole('region', { name: 'Tous les produits' }).locator('tbody tr');
  await expect(rows).toHaveCount(10, { timeout: 60_000 });
  await expect(rows.first()).toContainText('Product 39999');
  await page.getByRole('button', { name: 'Suivante' }).click();
  await expect(rows.first()).toContainText('Product 39989');
  await page.getByRole('searchbox').fill('UCT 00123');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('Product 00123');
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
});

test('a snapshot that is long on its way is waited for, not begun again and again', async ({ page }) => {
  // All the customers: as silent as a dead server for some eight seconds.
  let sockets = 0;
  page.on('websocket', () => (sockets += 1));
  await page.goto(`${url}/?page=clients&n=1000`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'Tous les clients' }).getByRole('table')).toHaveAttribute('aria-rowcount', '901');
  expect(sockets).toBe(1);
});
