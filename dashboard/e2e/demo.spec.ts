// The promise, shown by its buttons. Live purchases arrive meanwhile, so each click is held against the
// figures of a customer who buys nothing but what the buttons send. And the two that move the shop.
import type { Page } from '@playwright/test';
import type { Accounting, Customer, Purchase, RefusedRow, Rows, Status } from '../src/api/types';
import { Format } from '../src/format/numbers';
import { violations } from './axe';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const fr = new Format('fr', 'EUR');
const server = new Goldstream(['--demo']);
const CLIENT = 'e2e-client';

test.beforeAll(async () => {
  await server.start();
  // Ready is not yet counted: it sells live once its history is.
  await server.until('through its history', async () => {
    const { accepted_purchases } = await accounting();
    return accepted_purchases > 0 && (await server.json<Status>('/api/v1/status')).lag.records === 0;
  });
});
test.afterAll(() => server.end());

type Row = Record<'id_achat' | 'montant' | 'produit', string>;
const centsOf = (row: Row): number => Math.round(Number(row.montant) * 100);

/** Clicks, waits for what the page says of it, and returns the purchase that went out. */
async function press(page: Page, button: string, outcome: RegExp): Promise<Row> {
  const posted = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect(page.locator('.demo output')).toHaveText(outcome);
  return (await posted).postDataJSON() as Row;
}

async function buysAs(page: Page, client: string): Promise<void> {
  await page.route('**/api/v1/purchases', (route) => {
    const row = route.request().postDataJSON() as Record<string, string>;
    return route.continue({ postData: JSON.stringify({ ...row, id_client: client }) });
  });
}

const orders = () => server.json<Customer>(`/api/v1/customers/${CLIENT}`).then((row) => [row.orders, row.revenue_cents]);
const accounting = () => server.json<Accounting>('/api/v1/accounting');

test('a purchase moves the figures, its repeat only the repeats, a broken one is kept with its reason', async ({ page }) => {
  await buysAs(page, CLIENT);
  const paid = new Map<string, number[]>();
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
    const { views } = JSON.parse(String(payload)) as { views?: { purchases?: Purchase[] | { upsert: Purchase[] } } };
    const rows = views?.purchases ?? [];
    for (const { product, amount_cents } of Array.isArray(rows) ? rows : rows.upsert) paid.set(product, [...(paid.get(product) ?? []), amount_cents]);
  }));
  await page.goto(server.url);
  const repeat = page.getByRole('button', { name: 'Renvoyer le même', exact: true });
  await expect(repeat).toBeDisabled();

  const bought = await press(page, 'Acheter', /^.+, [\d\s,]+€\s: compté en [\d\s]+ms$/);
  const cents = centsOf(bought);
  expect(await orders()).toEqual([1, cents]);
  // A thing of the shop, for what somebody paid for it just before.
  expect(paid.get(bought.produit)).toContain(cents);

  const before = (await accounting()).duplicate_purchases;
  const again = await press(page, 'Renvoyer le même', new RegExp(`^reconnu\\s: répétitions ${before} → ${before + 1},`));
  expect(again.id_achat).toBe(bought.id_achat);
  expect((await accounting()).duplicate_purchases).toBe(before + 1);
  expect(await orders()).toEqual([1, cents]);

  const broken = await press(page, 'Envoyer un cassé', /^en quarantaine\s: date illisible ou trop lointaine \(32\/13\/2026\)$/);
  const { rows } = await server.json<Rows<RefusedRow>>('/api/v1/quarantine');
  expect(rows.filter((row) => row.raw.includes(broken.id_achat)).map((row) => row.reason)).toEqual(['purchases.bad_date']);
  expect(await orders()).toEqual([1, cents]);
});

test('what the buttons sent stands on the pages', async ({ page }) => {
  await buysAs(page, `${CLIENT}-2`);
  await page.goto(server.url);
  const bought = await press(page, 'Acheter', /compté/);
  const broken = await press(page, 'Envoyer un cassé', /^en quarantaine/);
  await page.goto(`${server.url}/?page=clients&customer=${CLIENT}-2`);
  await expect(page.locator('[data-figure="customer.orders"]')).toHaveText('1');
  await expect(page.locator('[data-figure="customer.revenue_cents"]')).toHaveText(fr.money(centsOf(bought)));
  await page.keyboard.press('6');
  await expect(page.locator('.rejected li').filter({ hasText: broken.id_achat })).toContainText('date illisible');
});

const salesNow = async () => (await accounting()).accepted_purchases;
const clock = async () => (await server.json<Status>('/api/v1/status')).shop_clock;

test('a rush hour is asked for by a button, marked on every page, and sells', async ({ page }) => {
  await page.goto(server.url);
  const rush = page.getByRole('button', { name: 'Heure de pointe', exact: true });
  const before = await salesNow();
  await rush.click();
  await expect(page.locator('[data-mark="rush"]')).toHaveText(/^Heure de pointe\s: encore \d+\ss$/);
  await expect(rush).toBeDisabled();
  await expect.poll(salesNow).toBeGreaterThan(before + 50);
  await page.keyboard.press('4');
  await expect(page.locator('[data-mark="rush"]')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('the clock runs sixty times as fast, marked, and goes on from there', async ({ page }) => {
  await page.goto(`${server.url}/?lang=en`);
  const mark = page.locator('[data-mark="clock"]');
  await expect(mark).toBeHidden();
  const fast = page.getByRole('button', { name: /^60\s×/ });
  await fast.click();
  await expect(fast).toHaveAttribute('aria-pressed', 'true');
  await expect(mark).toHaveText(/^\s*60\s× at the shop: \d+ \w+, \d\d:\d\d$/);
  expect(await violations(page)).toEqual([]);
  await expect.poll(async () => (await clock())?.ahead_seconds ?? 0).toBeGreaterThan(400);
  await fast.click();
  await expect(fast).toHaveAttribute('aria-pressed', 'false');
  await expect(mark).toHaveText(/^\s*at the shop: /);
  expect((await clock())?.pace).toBe(1);
});

test('in English the buttons speak English, in what they send too', async ({ page }) => {
  await page.goto(`${server.url}/?lang=en`);
  const posted = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: 'Buy', exact: true }).click();
  expect(Object.keys((await posted).postDataJSON() as object)).toEqual(['purchase_id', 'customer_id', 'purchased_at', 'amount', 'product']);
  await expect(page.locator('.demo output')).toHaveText(/^.+, €[\d,.]+: counted in [\d,\s]+ms$/);
});
