// The promise, shown by its three buttons. Live purchases arrive meanwhile, so each click is held against the
// figures of a customer who buys nothing but what the buttons send.
import type { Page } from '@playwright/test';
import type { Accounting, Customer, RefusedRow, Rows } from '../src/api/types';
import { Format } from '../src/format/numbers';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const fr = new Format('fr', 'EUR');
const server = new Goldstream(['--demo']);
const CLIENT = 'e2e-client';
const PRICE_CENTS = 1990;

test.beforeAll(() => server.start());
test.afterAll(() => server.end());

/** Clicks, waits for what the page says of it, and returns the id of the purchase that went out. */
async function press(page: Page, button: string, outcome: RegExp): Promise<string> {
  const posted = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect(page.locator('.demo output')).toHaveText(outcome);
  return ((await posted).postDataJSON() as { id_achat: string }).id_achat;
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
  await page.goto(server.url);
  const repeat = page.getByRole('button', { name: 'Renvoyer le même', exact: true });
  await expect(repeat).toBeDisabled();

  const bought = await press(page, 'Acheter', /^compté en \d+\sms$/);
  expect(await orders()).toEqual([1, PRICE_CENTS]);

  const before = (await accounting()).duplicate_purchases;
  const again = await press(page, 'Renvoyer le même', new RegExp(`^reconnu\\s: répétitions ${before} → ${before + 1},`));
  expect(again).toBe(bought);
  expect((await accounting()).duplicate_purchases).toBe(before + 1);
  expect(await orders()).toEqual([1, PRICE_CENTS]);

  const broken = await press(page, 'Envoyer un cassé', /^en quarantaine\s: date illisible \(.*32\/13\/2026.*\)$/);
  const { rows } = await server.json<Rows<RefusedRow>>('/api/v1/quarantine');
  expect(rows.filter((row) => row.raw.includes(broken)).map((row) => row.reason)).toEqual(['purchases.bad_date']);
  expect(await orders()).toEqual([1, PRICE_CENTS]);
});

test('what the buttons sent stands on the pages', async ({ page }) => {
  await buysAs(page, `${CLIENT}-2`);
  await page.goto(server.url);
  await press(page, 'Acheter', /^compté/);
  const broken = await press(page, 'Envoyer un cassé', /^en quarantaine/);
  await page.goto(`${server.url}/?page=clients&customer=${CLIENT}-2`);
  await expect(page.locator('[data-figure="customer.orders"]')).toHaveText('1');
  await expect(page.locator('[data-figure="customer.revenue_cents"]')).toHaveText(fr.money(PRICE_CENTS));
  await page.keyboard.press('6');
  await expect(page.locator('.rejected li').filter({ hasText: broken })).toContainText('date illisible');
});
