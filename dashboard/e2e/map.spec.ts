// The map of Pays: every country of the real shop has its place or is listed below, and the sums are those of the table.
import type { Page } from '@playwright/test';
import type { Country, Rows } from '../src/api/types';
import { Format } from '../src/format/numbers';
import { violations } from './axe';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';
import { expect, test } from './watch';

const gold = expectedGold();
const fr = new Format('fr', 'EUR');
const NO_COUNTRY = ['Unspecified', 'European Community'];
const onMap = gold.countries.filter(({ country }) => country !== null && !NO_COUNTRY.includes(country));
const others = gold.countries.filter(({ country }) => country === null || NO_COUNTRY.includes(country));
const sum = (rows: readonly { revenue_cents: number }[]): number => rows.reduce((all, row) => all + row.revenue_cents, 0);
const server = new Goldstream([ONLINE_RETAIL]);

test.beforeAll(async () => {
  await server.start();
  await server.counted(gold.summary.orders);
});
test.afterAll(() => server.end());

const map = (page: Page) => page.getByRole('listbox', { name: /carte du monde|map of the world/ });
const figure = (page: Page, name: string) => page.locator(`[data-figure="map.${name}"]`);
/** What the keys have led to, as it is read out. */
const chosen = (page: Page) => map(page).evaluate((svg) => document.getElementById(svg.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label') ?? null);

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(`${server.url}/?page=pays${query}`);
  await expect(map(page).getByRole('option')).toHaveCount(onMap.length);
}

test('every country of the shop is on the map or listed below it, and both add up to the table', async ({ page }) => {
  expect([gold.countries.length, onMap.length]).toEqual([37, 35]);
  await open(page);
  const labels = await map(page).getByRole('option').evaluateAll((all) => all.map((option) => option.getAttribute('aria-label')));
  expect(labels.sort()).toEqual(onMap.map((row) => `${row.country ?? ''}, ${fr.money(row.revenue_cents)}`).sort());
  for (const row of others) await expect(figure(page, 'others')).toContainText(`${row.country ?? ''} ${fr.money(row.revenue_cents)}`);
  await expect(figure(page, 'placed')).toHaveText(fr.money(sum(onMap)));
  await expect(figure(page, 'not_placed')).toHaveText(fr.money(sum(others)));
  await expect(figure(page, 'together')).toHaveText(fr.money(gold.summary.revenue_cents));
  const { rows } = await server.json<Rows<Country>>('/api/v1/countries?limit=1000');
  expect(rows.filter(({ code }) => code === null).map(({ country }) => country).sort()).toEqual(others.map(({ country }) => country).sort());
});

test('every country is drawn, by its outline or a dot, the darker the more it brings', async ({ page }) => {
  await open(page);
  const drawn = await map(page).getByRole('option').evaluateAll((all) =>
    all.map((option) => {
      const box = option.getBoundingClientRect();
      const rank = Number(option.getAttribute('aria-posinset'));
      return { code: option.getAttribute('data-code'), rank, size: Math.max(box.width, box.height), tone: Number(/tone(\d)/.exec(option.getAttribute('class') ?? '')?.[1]), shapes: option.children.length };
    }),
  );
  for (const { code, size, shapes } of drawn) expect([code, size > 4, shapes > 0]).toEqual([code, true, true]);
  const tones = [...drawn].sort((a, b) => a.rank - b.rank).map(({ tone }) => tone);
  expect(tones).toEqual([...tones].sort((a, b) => b - a));
  expect(new Set(tones).size).toBeGreaterThan(3);
  // Malta, Singapore and the Channel Islands have no outline in so small a map.
  for (const code of ['MT', 'SG', 'JE']) await expect(map(page).locator(`[data-code="${code}"] circle`)).toBeVisible();
  const land = await map(page).locator('.land').count();
  expect(land).toBeGreaterThan(130);
});

test('another figure is another map, which back undoes, and an average is no sum', async ({ page }) => {
  await open(page);
  const figures = page.getByRole('group', { name: 'Ce que montre la carte' });
  await figures.getByRole('button', { name: 'Acheteurs' }).click();
  await expect(page).toHaveURL(/map=buyers/);
  await expect(figure(page, 'together')).toHaveText(fr.whole(gold.countries.reduce((all, row) => all + row.buyers, 0)));
  await expect(map(page).getByRole('option', { name: 'Germany, 94' })).toBeVisible();
  await figures.getByRole('button', { name: 'Panier moyen' }).click();
  const average = (name: string) => fr.money(gold.countries.find(({ country }) => country === name)?.average_basket_cents ?? null);
  for (const name of ['United Kingdom', 'Malta', 'EIRE', 'Japan']) await expect(map(page).getByRole('option', { name: `${name}, ${average(name)}`, exact: true })).toBeAttached();
  await expect(figure(page, 'together')).toHaveCount(0);
  await expect(figure(page, 'others')).toContainText(`Unspecified ${average('Unspecified')}`);
  await page.goBack();
  await expect(figure(page, 'together')).toBeVisible();
});

test('keys lead from country to country, into the map and to the customers of one', async ({ page }) => {
  await open(page, '&lang=en');
  const en = new Format('en', 'EUR');
  const ranked = [...onMap].sort((a, b) => b.revenue_cents - a.revenue_cents).map((row) => `${row.country ?? ''}, ${en.money(row.revenue_cents)}`);
  await map(page).focus();
  expect(await chosen(page)).toBe(ranked[0]);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
  expect(await chosen(page)).toBe(ranked[3]);
  await page.keyboard.press('ArrowUp');
  expect(await chosen(page)).toBe(ranked[2]);
  await expect(page.locator('.said')).toContainText('EIRE');
  await page.keyboard.press('End');
  expect(await chosen(page)).toBe(ranked.at(-1));
  const whole = await map(page).getAttribute('viewBox');
  await page.keyboard.press('+');
  await expect(map(page)).not.toHaveAttribute('viewBox', whole ?? '');
  // What is chosen comes into sight.
  await page.keyboard.press('Home');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowRight');
  expect(await chosen(page)).toBe(ranked[5]);
  const [box, shape] = [await map(page).boundingBox(), await map(page).locator('.chosen').boundingBox()];
  if (box === null || shape === null) throw new Error('nothing is chosen');
  const middle = { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
  expect([middle.x > box.x && middle.x < box.x + box.width, middle.y > box.y && middle.y < box.y + box.height]).toEqual([true, true]);
  await page.keyboard.press('0');
  await expect(map(page)).toHaveAttribute('viewBox', whole ?? '');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/page=clients&country=Australia/);
});

test('the map is zoomed by buttons and wheel, moved by hand, and shows what is pointed at', async ({ page }) => {
  await open(page);
  const whole = (await map(page).getAttribute('viewBox')) ?? '';
  await page.getByRole('button', { name: 'Europe' }).click();
  await expect(map(page)).not.toHaveAttribute('viewBox', whole);
  await map(page).locator('[data-code="BE"] path').hover();
  await expect(page.locator('.said')).toContainText('Belgium');
  const near = (await map(page).getAttribute('viewBox')) ?? '';
  const box = await map(page).boundingBox();
  if (box === null) throw new Error('no map');
  await page.mouse.move(box.x + 300, box.y + 150);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 130, { steps: 4 });
  await page.mouse.up();
  await expect(map(page)).not.toHaveAttribute('viewBox', near);
  await expect(page).toHaveURL(/page=pays/);
  await page.getByRole('button', { name: 'Monde' }).click();
  await expect(map(page)).toHaveAttribute('viewBox', whole);
  // The wheel alone scrolls the page.
  await page.mouse.move(box.x + 300, box.y + 150);
  await page.mouse.wheel(0, -100);
  await expect(map(page)).toHaveAttribute('viewBox', whole);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await expect(map(page)).not.toHaveAttribute('viewBox', whole);
  await page.getByRole('button', { name: 'Monde' }).click();
  await map(page).locator('.land[data-code="RU"]').hover();
  await expect(page.locator('.said')).toHaveText(/Russie.*aucune vente/);
});

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing on the map, ${theme}`, async ({ page }) => {
    await open(page, `&theme=${theme}`);
    await map(page).focus();
    expect(await violations(page)).toEqual([]);
  });
}

test('a purchase changes the map as it is counted', async ({ page }) => {
  await open(page);
  const { rows } = await server.json<Rows<Country>>('/api/v1/countries?limit=1000');
  const malta = rows.find(({ country }) => country === 'Malta');
  const buyer = gold.customers.find(({ country }) => country === 'Malta');
  if (!malta || !buyer) throw new Error('nobody in Malta');
  const body = JSON.stringify([{ id_achat: 'map-1', id_client: buyer.customer_id, date_achat: '2011-12-09 12:00:00', montant: '12345,67', produit: 'A map' }]);
  await fetch(`${server.url}/api/v1/purchases`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  await expect(map(page).getByRole('option', { name: `Malta, ${fr.money(malta.revenue_cents + 1_234_567)}` })).toBeAttached();
  await expect(figure(page, 'together')).toHaveText(fr.money(gold.summary.revenue_cents + 1_234_567));
});
