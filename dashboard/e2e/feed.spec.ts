// The feed as the reader lives it: gaps, silence, a killed server, pause. Nothing is ever blanked.
import { Format } from '../src/format/numbers';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold, RecordedFeed } from './recorded';
import { expect, test } from './watch';

const fr = new Format('fr', 'EUR');
const server = new Goldstream([ONLINE_RETAIL]);
const REVENUE = '[data-figure="revenue_cents"]';

test.beforeAll(async () => {
  await server.start();
  // Ready is not yet counted.
  await server.counted(expectedGold().summary.orders);
});
test.afterAll(() => server.end());

test('an update changes the figure at once, a gap asks for the whole again', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(server.url);
  await expect(page.locator(REVENUE)).toHaveText(fr.money(gold.summary.revenue_cents));
  feed.update({ ...gold.summary, revenue_cents: 123_456 });
  await expect(page.locator(REVENUE)).toHaveText(fr.money(123_456));
  expect(feed.subscriptions).toHaveLength(1);
  feed.update({ ...gold.summary, revenue_cents: 777_700 }, true);
  await expect(page.locator(REVENUE)).toHaveText(fr.money(777_700));
  expect(feed.subscriptions).toHaveLength(2);
  expect(feed.subscriptions[1]?.after).toBeUndefined();
});

test('a silent server is left, its figures keep their age, and the page goes on after them', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  feed.fallSilent();
  await expect.poll(() => feed.connections).toBe(2);
  await expect(page.locator(REVENUE)).toHaveText(fr.money(gold.summary.revenue_cents));
  expect(feed.subscriptions[1]?.after).toEqual({ epoch: 'e', version: 41 });
});

test('a killed server is told and marked, and its return needs no hand', async ({ page }) => {
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  const before = await page.locator(REVENUE).textContent();
  await server.kill();
  await expect(page.locator('[data-standing="live"]')).toBeHidden();
  await expect(page.locator('main.old')).toBeVisible();
  await expect(page.locator('.light')).toContainText('chiffres de');
  await expect(page.locator(REVENUE)).toHaveText(before ?? '');
  await server.start();
  await expect(page.locator('[data-standing="live"]')).toBeVisible({ timeout: 40_000 });
  await expect(page.locator(REVENUE)).toHaveText(before ?? '');
});

test('the light says reconnecting, then stale while a socket shows nothing, and offline without a network', async ({ page, context }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  feed.isMute = true;
  feed.fallSilent();
  await expect(page.locator('[data-standing="stale"]')).toBeVisible();
  await expect(page.locator('.light')).toContainText('Chiffres anciens');
  await expect(page.locator('.light')).toContainText('chiffres de');
  await context.setOffline(true);
  await expect(page.locator('[data-standing="offline"]')).toBeVisible();
  await expect(page.locator('main.old')).toBeVisible();
});

test('charts whose code could not be fetched are drawn once it can', async ({ page }) => {
  let refused = 0;
  await page.route('**/assets/engine-*.js', (route) => (refused++ < 2 ? route.abort('connectionrefused') : route.continue()));
  await page.goto(server.url);
  await expect(page.locator('.chart svg').first()).toBeVisible();
  expect(refused).toBeGreaterThan(2);
});

test('p pauses and goes on', async ({ page }) => {
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.keyboard.press('p');
  await expect(page.locator('[data-standing="paused"]')).toBeVisible();
  await page.keyboard.press('p');
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
});

test('a posted purchase changes the figures without reload', async ({ page }) => {
  await page.goto(server.url);
  const orders = page.locator('[data-figure="orders"]');
  await expect(orders).toHaveText(fr.whole(expectedGold().summary.orders));
  const row = { id_achat: 'e2e-1', id_client: '14646', date_achat: '2011-12-09 12:55:00', montant: '10.00', produit: 'TEST' };
  const answer = await page.request.post(`${server.url}/api/v1/purchases`, { data: row });
  expect(answer.status()).toBe(202);
  await expect(orders).toHaveText(fr.whole(expectedGold().summary.orders + 1));
});
