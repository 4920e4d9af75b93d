// Long tables: as light as short ones, whole on paper and for who hears them, and walked through by keys.
import type { Page } from '@playwright/test';
import type { Customer, Rows } from '../src/api/types';
import { violations } from './axe';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold, RecordedFeed } from './recorded';
import { expect, test } from './watch';

const ROWS = 1000;
/** Of the whole page. With all rows in it they were 55,413, and 52 MB. */
const NODES_MAX = 4000;
/** Which text is the widest is judged by its letters, not measured. */
const DRIFT_MAX_PX = 4;
const server = new Goldstream([ONLINE_RETAIL]);

test.beforeAll(async () => {
  await server.start();
  await server.counted(expectedGold().summary.orders);
});
test.afterAll(() => server.end());

const table = (page: Page) => page.getByRole('region', { name: 'Tous les clients' }).getByRole('table');
const rows = (page: Page) => table(page).locator('tbody tr[data-at]');
const row = (page: Page, at: number) => table(page).locator(`tbody tr[data-at="${at}"]`);
const link = (page: Page, at: number) => row(page, at).getByRole('link');

async function open(page: Page, query = `n=${ROWS}`): Promise<void> {
  await page.goto(`${server.url}/?page=clients&${query}`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  await expect(rows(page).first()).toBeVisible();
}

const scrolledTo = (page: Page, px: number) => table(page).locator('..').evaluate((box, px) => (box.scrollTop = px), px);
const customers = async (): Promise<string[]> => (await server.json<Rows<Customer>>(`/api/v1/customers?limit=${ROWS}`)).rows.map((row) => row.customer_id);

test('a thousand rows are few nodes, and each is there when it is scrolled to', async ({ page }) => {
  await open(page);
  await expect(table(page)).toHaveAttribute('aria-rowcount', String(ROWS + 1));
  const weight = async () => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('HeapProfiler.collectGarbage');
    const { nodes } = await cdp.send('Memory.getDOMCounters');
    const heap = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
    return { nodes, heap };
  };
  const { nodes, heap } = await weight();
  test.info().annotations.push({ type: 'weight', description: `${nodes} nodes, ${(heap / 1e6).toFixed(1)} MB` });
  expect(nodes).toBeLessThan(NODES_MAX);
  const ids = await customers();
  for (const px of [3000, 15_000, 1e6, 0]) {
    await scrolledTo(page, px);
    await expect.poll(async () => (await inSight(page)).length, `at ${px}`).toBeGreaterThan(5);
    for (const { at, id } of await inSight(page)) expect(id, `row ${at} at ${px}`).toBe(ids[at]);
    expect((await weight()).nodes).toBeLessThan(2 * NODES_MAX);
  }
});

/** The rows that are seen, and whether anything but rows is seen between them. */
async function inSight(page: Page): Promise<{ at: number; id: string }[]> {
  return table(page).locator('..').evaluate((box) => {
    const { top, bottom } = box.getBoundingClientRect();
    const headed = top + (box.querySelector('thead')?.offsetHeight ?? 0);
    const seen = [...box.querySelectorAll<HTMLElement>('tr[data-at]')].filter((row) => row.getBoundingClientRect().bottom > headed + 2 && row.getBoundingClientRect().top < bottom - 2);
    const [first, last] = [seen[0], seen.at(-1)];
    // No hole at the top or the bottom: what is in sight is filled with rows.
    if (!first || !last || first.getBoundingClientRect().top > headed + 2) return [];
    return seen.map((row) => ({ at: Number(row.dataset['at']), id: row.querySelector('a')?.textContent ?? '' }));
  });
}

test('the rows of a long table are counted for who hears it, and axe finds nothing', async ({ page }) => {
  await open(page);
  await scrolledTo(page, 15_000);
  await expect.poll(async () => (await inSight(page))[0]?.at ?? 0).toBeGreaterThan(300);
  const places = await rows(page).evaluateAll((all) => all.map((row) => [Number((row as HTMLElement).dataset['at']) + 2, Number(row.getAttribute('aria-rowindex'))]));
  for (const [expected, told] of places) expect(told).toBe(expected);
  expect(await violations(page)).toEqual([]);
});

test('columns do not move while a long table is scrolled', async ({ page }) => {
  await open(page);
  const lefts = () => table(page).locator('th').evaluateAll((heads) => heads.map((head) => Math.round(head.getBoundingClientRect().left)));
  const before = await lefts();
  for (const px of [3000, 15_000, 29_000]) {
    await scrolledTo(page, px);
    await expect.poll(async () => (await inSight(page)).length).toBeGreaterThan(5);
    for (const [i, left] of (await lefts()).entries()) expect(Math.abs(left - (before[i] ?? 0)), `column ${i} at ${px}`).toBeLessThanOrEqual(DRIFT_MAX_PX);
  }
});

test('another order, another page and another search begin at their first row', async ({ page }) => {
  await open(page);
  const region = page.getByRole('region', { name: 'Tous les clients' });
  const box = table(page).locator('..');
  for (const lead of [() => region.getByRole('button', { name: 'Commandes' }).click(), () => region.getByRole('button', { name: 'Suivante' }).click(), () => region.getByRole('searchbox').fill('1')]) {
    await scrolledTo(page, 9000);
    await expect.poll(async () => (await inSight(page))[0]?.at ?? 0).toBeGreaterThan(200);
    await lead();
    await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBe(0);
    await expect(row(page, 0)).toBeInViewport();
  }
});

test('on paper all columns are there, names and e-mails too', async ({ page }) => {
  await open(page, 'n=50&names=true');
  await page.setViewportSize({ width: 700, height: 1000 });
  await page.emulateMedia({ media: 'print' });
  const right = (selector: string) => table(page).evaluate((table, selector) => table.closest(selector)?.getBoundingClientRect().right ?? NaN, selector);
  expect(await right('table')).toBeLessThanOrEqual(await right('.panel'));
});

test('on paper all the loaded rows are there', async ({ page }) => {
  await open(page);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await expect(rows(page)).toHaveCount(ROWS);
  await page.emulateMedia({ media: 'print' });
  expect(await table(page).locator('..').evaluate((box) => box.scrollHeight - box.clientHeight)).toBeLessThanOrEqual(1);
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await expect.poll(() => rows(page).count()).toBeLessThan(ROWS / 5);
});

for (const n of [50, ROWS]) {
  test(`the heads are stops of the Tab key, and ${n} rows are one, with arrows from row to row`, async ({ page }) => {
    await open(page, `n=${n}`);
    const region = page.getByRole('region', { name: 'Tous les clients' });
    await region.getByRole('button', { name: 'Inscription' }).focus();
    await page.keyboard.press('Tab');
    await expect(link(page, 0)).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(link(page, 1)).toBeFocused();
    await page.keyboard.press('PageDown');
    await expect(link(page, 11)).toBeFocused();
    await page.keyboard.press('End');
    await expect(link(page, n - 1)).toBeFocused();
    await expect(link(page, n - 1)).toBeInViewport();
    await page.keyboard.press('ArrowUp');
    await expect(link(page, n - 2)).toBeFocused();
    // On to what is behind the table, and back to the row that was left.
    await page.keyboard.press('Tab');
    await expect(region.locator('tbody').getByRole('link').and(page.locator(':focus'))).toHaveCount(0);
    await page.keyboard.press('Shift+Tab');
    await expect(link(page, n - 2)).toBeFocused();
    await page.keyboard.press('Home');
    await expect(link(page, 0)).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(region.getByRole('button', { name: 'Inscription' })).toBeFocused();
  });
}

test('the focus stays on a row that is scrolled out of sight', async ({ page }) => {
  await open(page);
  await link(page, 3).focus();
  await scrolledTo(page, 20_000);
  await expect.poll(async () => (await inSight(page))[0]?.at ?? 0).toBeGreaterThan(500);
  await expect(link(page, 3)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(link(page, 4)).toBeFocused();
  await expect(link(page, 4)).toBeInViewport();
});

test('the focus goes to the next row where its own is gone', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await open(page, 'n=50');
  const [gone, next] = await Promise.all([link(page, 5).textContent(), link(page, 6).textContent()]);
  await link(page, 5).focus();
  feed.change({ customers: { upsert: [], delete: [gone] } });
  await expect(link(page, 5)).toHaveText(next ?? '');
  await expect(link(page, 5)).toBeFocused();
});

test('the table scrolls to its end and back by keys, as any other does', async ({ page }) => {
  await open(page);
  const box = table(page).locator('..');
  const left = () => box.evaluate((box) => Math.round(box.scrollHeight - box.clientHeight - box.scrollTop));
  const top = () => box.evaluate((box) => Math.round(box.scrollTop));
  // A key that comes before the rows are laid out finds nothing to scroll.
  await expect(async () => {
    await box.focus();
    await page.keyboard.press('End');
    await expect.poll(left, { timeout: 1_000 }).toBeLessThanOrEqual(1);
  }).toPass();
  await expect(row(page, ROWS - 1)).toBeVisible();
  await page.keyboard.press('Home');
  await expect.poll(top).toBe(0);
  const high = await box.evaluate((box) => box.clientHeight);
  await page.keyboard.press('PageDown');
  await expect.poll(top).toBeGreaterThan(high / 2);
});
