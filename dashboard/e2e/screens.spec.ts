// The page on paper, on narrow and on wide screens, in forced colours, and of a shop that has sold nothing yet.
import type { Page } from '@playwright/test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGES } from '../src/state/url';
import { violations } from './axe';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expect, test } from './watch';

const server = new Goldstream([ONLINE_RETAIL]);
test.beforeAll(() => server.start());
test.afterAll(() => server.end());

async function open(page: Page, query = ''): Promise<void> {
  await page.goto(`${server.url}/?${query}`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
}

test('on paper the page is light, without buttons, and its charts are whole', async ({ page }) => {
  await open(page, 'theme=dark&page=tendances');
  await expect(page.locator('.chart svg')).toHaveCount(6);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 720, height: 1020 });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('navigation')).toHaveCount(0);
  for (const chart of await page.locator('.chart svg').all()) {
    const [svg, panel] = await chart.evaluate((element) => [element.getBoundingClientRect(), element.closest('.panel')?.getBoundingClientRect()].map((box) => [box?.left ?? 0, box?.right ?? 0]));
    expect(svg?.[0]).toBeGreaterThanOrEqual(panel?.[0] ?? 0);
    expect(svg?.[1]).toBeLessThanOrEqual(panel?.[1] ?? 0);
  }
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('at every width the rows of tiles are full', async ({ page }) => {
  for (const width of [360, 768, 1024, 1280, 1440, 1920, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    await open(page);
    for (const tiles of ['.answers > div', '.stats > *', 'dl.eight > div']) {
      const tops = await page.locator(tiles).evaluateAll((all) => all.map((tile) => Math.round(tile.getBoundingClientRect().top)));
      const counts = [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
      expect(new Set(counts).size, `${tiles} at ${width}: ${counts.join(', ')}`).toBe(1);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth), String(width)).toBeLessThanOrEqual(width);
    await open(page, 'page=clients&customer=14646');
    await expect(page.locator('dl.six > div')).toHaveCount(6);
    const tops = await page.locator('dl.six > div').evaluateAll((all) => all.map((tile) => Math.round(tile.getBoundingClientRect().top)));
    expect(new Set([...new Set(tops)].map((top) => tops.filter((other) => other === top).length)).size, `of a customer at ${width}`).toBe(1);
  }
  // A wall's screen is used from one side to the other, and what stays in sight is no higher than it.
  expect((await page.getByRole('navigation').boundingBox())?.height).toBeLessThanOrEqual(900);
  const frame = await page.locator('.frame').evaluate((element) => element.getBoundingClientRect().width);
  expect(frame).toBeGreaterThan(0.95 * 3840);
});

test('at 360 px the revenue of a table is in sight', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  for (const [name, title] of [['clients', 'Tous les clients'], ['pays', 'Tous les pays']] as const) {
    await open(page, `page=${name}`);
    const cell = page.getByRole('region', { name: title }).locator('tbody tr').first().locator('td').nth(1);
    await expect(cell).toContainText('€');
    const box = await cell.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(360);
  }
});

test('in forced colours the page in sight, the range and the bars can be told', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await open(page);
  const outline = (selector: string) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(await outline('nav a[aria-current]')).toBe('solid');
  expect(await outline('.segments button[aria-pressed="true"]')).toBe('solid');
  const colours = await page.locator('.fill').first().evaluate((bar) => [getComputedStyle(bar).backgroundColor, getComputedStyle(bar.parentElement ?? bar).backgroundColor]);
  expect(colours[0]).not.toBe(colours[1]);
});

test('a shop without a purchase says what to do, once', async ({ page }) => {
  const dir = mkdtempSync(join(tmpdir(), 'goldstream-empty-'));
  writeFileSync(join(dir, 'achats.csv'), 'id_achat,id_client,date_achat,montant,produit\n');
  const empty = new Goldstream([dir]);
  try {
    await empty.start();
    for (const name of PAGES.filter((name) => name !== 'performances')) {
      await page.goto(`${empty.url}/?page=${name}`);
      await expect(page.locator('[data-empty]')).toHaveCount(1);
      await expect(page.locator('main .panel')).toHaveCount(1);
      await expect(page.locator('[data-empty] code')).toHaveText('goldstream run DOSSIER');
      expect(await violations(page)).toEqual([]);
    }
    const row = { id_achat: 'e1', id_client: '1', date_achat: '2026-11-20', montant: '5.00', produit: 'Ink' };
    expect((await page.request.post(`${empty.url}/api/v1/purchases`, { data: row })).status()).toBe(202);
    await expect(page.locator('[data-empty]')).toHaveCount(0);
  } finally {
    await empty.end();
    rmSync(dir, { recursive: true, force: true });
  }
});

test('at no width is a name cut while what stands beside it has room', async ({ page }) => {
  for (const width of [360, 900, 1024, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await open(page, 'page=clients');
    // An id is short: what is cut is the country behind it.
    const cut = await page.locator('.ranking .name a').evaluateAll((names) => names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent));
    expect(cut, `names at ${width}`).toEqual([]);
    // A country's name in the legend of the ring breaks between words only.
    const broken = await page.locator('.donut li > span').evaluateAll((names) => names.filter((name) => name.getClientRects().length > 0 && name.getBoundingClientRect().height > 24 && !(name.textContent ?? '').includes(' ')).map((name) => name.textContent));
    expect(broken, `legend at ${width}`).toEqual([]);
  }
});

test('figures side by side stand on one line, however long their labels are', async ({ page }) => {
  await page.setViewportSize({ width: 1320, height: 900 });
  await open(page);
  const tops = await page.locator('dl.eight dd[data-figure]').evaluateAll((all) => all.map((figure) => Math.round(figure.getBoundingClientRect().top)));
  expect(new Set(tops).size, tops.join(', ')).toBe(1);
});
