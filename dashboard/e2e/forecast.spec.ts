// What the next days are expected to bring: on the page of trends as a chart and as a table, on the first one as a line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Forecast } from '../src/api/types';
import { Format } from '../src/format/numbers';
import { aboutMoney } from '../src/pages/expected';
import { violations } from './axe';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expect, test } from './watch';

const ORDERS = 392_692;
const fr = new Format('fr', 'EUR');
const en = new Format('en', 'EUR');
const server = new Goldstream([ONLINE_RETAIL]);
test.beforeAll(async () => {
  await server.start();
  await server.counted(ORDERS);
});
test.afterAll(() => server.end());

const told = (): Promise<Forecast> => server.json<Forecast>('/api/v1/forecast');
/** What Intl parts with, and what a test does not care about. */
const plain = (text: string | null): string => (text ?? '').replaceAll(/\s/g, ' ');

for (const theme of ['light', 'dark'] as const) {
  test(`the days to come are drawn dashed within their band, and said in words and rows, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    const forecast = await told();
    await page.goto(`${server.url}/?page=tendances`);
    const figure = page.getByRole('figure', { name: 'Chiffre d’affaires attendu' });
    await figure.scrollIntoViewIfNeeded();
    await expect(figure.locator('svg path[stroke-dasharray]').first()).toBeVisible();
    // The band is a shape that is filled and nearly clear.
    await expect.poll(() => figure.locator('svg path[fill-opacity="0.16"]').count()).toBe(1);
    const note = plain(await figure.locator('.note').last().textContent());
    expect(note).toContain(plain(aboutMoney(forecast.month.expected_cents, fr)));
    expect(note).toContain(plain(fr.share((forecast.error_percent ?? NaN) / 100)));
    expect(note).toContain(plain(fr.share((forecast.naive_error_percent ?? NaN) / 100)));
    await figure.getByRole('button', { name: /^En tableau/ }).focus();
    await page.keyboard.press('Enter');
    await expect(figure.locator('tbody tr')).toHaveCount(30);
    const cells = await figure.locator('tbody tr').first().locator('td').allTextContents();
    const [first] = forecast.days;
    if (first === undefined) throw new Error('no day');
    expect(cells.map(plain)).toEqual([fr.day(first.day), fr.money(first.expected_cents), fr.money(first.low_cents), fr.money(first.high_cents)].map(plain));
    expect(await violations(page)).toEqual([]);
  });
}

test('the first page says at what the month ends, in the reader’s language', async ({ page }) => {
  const { month } = await told();
  await page.goto(server.url);
  await expect.poll(async () => plain(await page.locator('.stats').textContent())).toContain(`fin du mois vers ${plain(aboutMoney(month.expected_cents, fr))}`);
  await page.goto(`${server.url}/?lang=en`);
  await expect.poll(async () => plain(await page.locator('.stats').textContent())).toContain(`this month ends at about ${plain(aboutMoney(month.expected_cents, en))}`);
});

test('a young shop is told how long to wait', async ({ page }) => {
  const dir = mkdtempSync(join(tmpdir(), 'goldstream-young-'));
  writeFileSync(join(dir, 'achats.csv'), 'id_achat,id_client,date_achat,montant,produit\n1,7,2024-03-01,12,Pen\n');
  const young = new Goldstream([dir]);
  try {
    await young.start();
    await young.counted(1);
    await page.goto(`${young.url}/?page=tendances`);
    await expect(page.getByRole('figure', { name: 'Chiffre d’affaires attendu' })).toContainText('Il faut huit semaines de ventes');
    await page.goto(young.url);
    await expect(page.locator('[data-figure="month.revenue_cents"]')).toBeVisible();
    await expect(page.locator('.stats')).not.toContainText('fin du mois vers');
  } finally {
    await young.end();
    rmSync(dir, { recursive: true, force: true });
  }
});
