// The six pages show exactly what the independent batch computed for the real shop.
import { Format } from '../src/format/numbers';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';
import { expect, test } from './watch';

const gold = expectedGold();
const fr = new Format('fr', 'EUR');
const byRevenue = <Row extends { revenue_cents: number }>(rows: Row[]): Row[] => [...rows].sort((a, b) => b.revenue_cents - a.revenue_cents);
const server = new Goldstream([ONLINE_RETAIL]);

test.beforeAll(() => server.start());
test.afterAll(() => server.end());

test('accueil', async ({ page }) => {
  await page.goto(server.url);
  const { summary } = gold;
  const shown = (name: string) => page.locator(`[data-figure="${name}"]`);
  await expect(shown('revenue_cents')).toHaveText(fr.money(summary.revenue_cents));
  await expect(shown('orders')).toHaveText(fr.whole(summary.orders));
  await expect(shown('customers')).toHaveText(fr.whole(summary.customers));
  await expect(shown('average_customer_value_cents')).toHaveText(fr.money(summary.average_customer_value_cents));
  await expect(shown('average_basket_cents')).toHaveText(fr.money(summary.average_basket_cents));
  await expect(shown('products')).toHaveText(fr.whole(summary.products));
  await expect(shown('countries')).toHaveText(fr.whole(summary.countries));
  await expect(shown('buyers')).toHaveText(fr.whole(summary.buyers));
  await expect(page.locator('[data-answer="clients"]')).toContainText(byRevenue(gold.customers)[0]?.customer_id ?? '');
  await expect(page.locator('[data-answer="produits"]')).toContainText(byRevenue(gold.products)[0]?.product ?? '');
});

test('clients, the first thousand', async ({ page }) => {
  await page.goto(`${server.url}/?page=clients&n=1000`);
  const wanted = byRevenue(gold.customers).slice(0, 1000);
  const table = page.getByRole('region', { name: 'Tous les clients' }).getByRole('table');
  await expect(table).toHaveAttribute('aria-rowcount', '1001');
  // Only those in sight are there: the table is read from its first row to its last.
  const read = new Map<number, (string | undefined)[]>();
  for (let px = 0; read.size < wanted.length && px < 60_000; px += 500) {
    await table.locator('..').evaluate((box, px) => (box.scrollTop = px), px);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const rows = await table.locator('tr[data-at]').evaluateAll((all) => all.map((row) => [Number((row as HTMLElement).dataset['at']), [0, 3, 4, 5].map((i) => row.children[i]?.textContent?.trim())] as const));
    for (const [at, cells] of rows) read.set(at, cells);
  }
  const cells = [...read].sort(([a], [b]) => a - b).map(([, cells]) => cells);
  expect(cells).toEqual(wanted.map((row) => [row.customer_id, fr.money(row.revenue_cents), fr.whole(row.orders), fr.money(row.average_cents)]));
});

test('clients of one country, searched and sorted', async ({ page }) => {
  await page.goto(`${server.url}/?page=clients&country=France&sort=orders&n=10`);
  const wanted = gold.customers.filter((row) => row.country === 'France').map((row) => row.orders).sort((a, b) => a - b).slice(0, 10);
  const orders = page.getByRole('region', { name: 'Tous les clients' }).locator('tbody td:nth-child(5)');
  await expect(orders).toHaveText(wanted.map(fr.whole));
});

test('produits', async ({ page }) => {
  await page.goto(`${server.url}/?page=produits&n=100`);
  const wanted = byRevenue(gold.products).slice(0, 100);
  const rows = page.getByRole('region', { name: 'Tous les produits' }).locator('tbody tr');
  await expect(rows).toHaveCount(100);
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent?.trim())));
  expect(cells).toEqual(wanted.map((row) => [row.product.trim(), fr.money(row.revenue_cents), fr.whole(row.orders), fr.money(row.min_cents), fr.money(row.average_cents), fr.money(row.max_cents)]));
});

test('tendances, each chart as its table', async ({ page }) => {
  await page.goto(`${server.url}/?page=tendances`);
  const expected = {
    'Chiffre d’affaires par mois': gold.months.map((row) => fr.money(row.revenue_cents)),
    'Commandes par mois': gold.months.map((row) => fr.whole(row.orders)),
    'Panier moyen par mois': gold.months.map((row) => fr.money(row.average_basket_cents)),
    'Clients distincts par mois': gold.months.map((row) => fr.whole(row.customers)),
  };
  for (const [title, values] of Object.entries(expected)) {
    await page.getByRole('button', { name: `En tableau : ${title}` }).click();
    await expect(page.getByRole('group', { name: title }).locator('tbody td:nth-child(2)')).toHaveText(values);
  }
  await page.getByRole('button', { name: 'En tableau : Chiffre d’affaires, jour après jour' }).click();
  const days = page.getByRole('group', { name: 'Chiffre d’affaires, jour après jour' }).locator('tbody td:nth-child(2)');
  const shown = await days.evaluateAll((all) => all.map((cell) => cell.textContent?.trim()));
  expect(shown.filter((text) => text !== fr.money(0))).toEqual(gold.days.map((row) => fr.money(row.revenue_cents)));
});

test('pays', async ({ page }) => {
  await page.goto(`${server.url}/?page=pays`);
  const rows = page.getByRole('region', { name: 'Tous les pays' }).locator('tbody tr');
  await expect(rows).toHaveCount(gold.countries.length);
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent?.trim())));
  expect(cells).toEqual(byRevenue(gold.countries).map((row) => [row.country ?? 'inconnu', fr.money(row.revenue_cents), fr.whole(row.buyers), fr.whole(row.orders), fr.money(row.average_basket_cents)]));
});

test('performances, every row by its fate', async ({ page }) => {
  await page.goto(`${server.url}/?page=performances`);
  const { accepted_purchases, duplicate_purchases, customer_versions, quarantined } = gold.accounting;
  const fates = { accepted_purchases, duplicate_purchases, customer_versions };
  for (const [fate, count] of Object.entries(fates)) await expect(page.locator(`[data-figure="fate.${fate}"]`)).toHaveText(fr.whole(count));
  for (const [reason, count] of Object.entries(quarantined)) await expect(page.locator(`[data-figure="reason.${reason}"]`)).toHaveText(fr.whole(count));
  await expect(page.getByRole('group', { name: 'Temps de réponse' }).locator('tbody tr')).toHaveCount(8);
});
