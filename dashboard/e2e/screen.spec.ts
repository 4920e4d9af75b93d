// What the screen does with a frame: figures with the next animation frame, charts once a second, labels at their
// points, and steps that the back button undoes.
import type { Page } from '@playwright/test';
import { calendarDay, plusDays } from '../src/state/calendar';
import { Format } from '../src/format/numbers';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold, RecordedFeed } from './recorded';
import { expect, test } from './watch';

const fr = new Format('fr', 'EUR');
const server = new Goldstream([ONLINE_RETAIL]);

test.beforeAll(async () => {
  await server.start();
  await server.counted(expectedGold().summary.orders);
});
test.afterAll(() => server.end());

interface Watched {
  /** Animation frames so far, and at which of them an update came and was shown. */
  frame: number;
  came: number[];
  shown: number[];
  /** Tasks in which a chart was drawn. */
  draws: number;
}

/** Runs in the page before its own code. */
function watch(): void {
  const watched = window as unknown as Watched;
  Object.assign(watched, { frame: 0, came: [], shown: [], draws: 0 } satisfies Watched);
  const count = (): void => {
    watched.frame += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const parse = JSON.parse.bind(JSON);
  JSON.parse = (text: string): unknown => {
    if (text.startsWith('{"op":"update"')) watched.came.push(watched.frame);
    return parse(text) as unknown;
  };
  new MutationObserver((changes) => {
    const isIn = (selector: string) => changes.some(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest(selector));
    if (isIn('[data-figure="orders"]')) watched.shown.push(watched.frame);
    if (isIn('.chart')) watched.draws += 1;
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
}

const watched = (page: Page) => page.evaluate(() => ({ ...(window as unknown as Watched) }) as Watched);

test('a frame that comes alone is on the screen with the next animation frame', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.addInitScript(watch);
  await page.goto(server.url);
  const orders = page.locator('[data-figure="orders"]');
  await expect(orders).toHaveText(fr.whole(gold.summary.orders));
  expect(feed.subscriptions[0]?.interval_ms).toBe(50);
  await page.evaluate(() => ((window as unknown as Watched).shown = []));
  for (let i = 1; i <= 10; i += 1) {
    feed.update({ ...gold.summary, orders: i });
    await expect(orders).toHaveText(String(i));
  }
  const { came, shown } = await watched(page);
  expect(came).toHaveLength(10);
  for (const [i, frame] of came.entries()) expect((shown[i] ?? Infinity) - frame, `update ${i}`).toBeLessThanOrEqual(1);
});

test('a chart is drawn at most once a second, whatever comes', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.addInitScript(watch);
  await page.goto(server.url);
  await expect(page.locator('.chart svg').first()).toBeVisible();
  const last = gold.days.at(-1);
  const before = await page.evaluate(() => [(window as unknown as Watched).draws, performance.now()] as const);
  for (let i = 1; i <= 60; i += 1) {
    feed.change({ summary: { ...gold.summary, orders: i }, days: { upsert: [{ ...last, revenue_cents: 1000 * i }], delete: [] } });
    await expect(page.locator('[data-figure="orders"]')).toHaveText(String(i));
  }
  const after = await page.evaluate(() => [(window as unknown as Watched).draws, performance.now()] as const);
  expect(after[0] - before[0]).toBeLessThanOrEqual(2 + (after[1] - before[1]) / 1000);
});

/** Every label of the chart's lower axis by where it stands. */
async function labels(page: Page, chart: number): Promise<{ text: string; x: number; y: number }[]> {
  return page.locator('.chart').nth(chart).evaluate((element) => {
    const texts = [...element.querySelectorAll('svg text')].map((text) => ({ text: text.textContent ?? '', box: text.getBoundingClientRect() }));
    const lowest = Math.max(...texts.map(({ box }) => Math.round(box.top)));
    const rect = element.getBoundingClientRect();
    return texts.filter(({ box }) => Math.abs(box.top - lowest) < 4).map(({ text, box }) => ({ text, x: box.left + box.width / 2, y: rect.top + rect.height * 0.3 }));
  });
}

/** What the tooltip calls each mark, and what the axis does. */
function names(): Map<string, string> {
  const known = new Map<string, string>();
  for (let day = '2010-11-01'; day < '2012-01-15'; day = plusDays(day, 1)) {
    known.set(fr.month(day.slice(0, 7)), fr.monthShort(day.slice(0, 7)));
    known.set(fr.day(day), `${fr.dayShort(day)}|${fr.monthShort(day.slice(0, 7))}`);
  }
  return known;
}

async function everyLabelIsThatOfItsPoint(page: Page, chart: number): Promise<number> {
  await page.locator('.chart').nth(chart).scrollIntoViewIfNeeded();
  const known = names();
  const tooltip = page.locator('.chart').nth(chart).locator('div[style*="pointer-events"], div[style*="white-space"]').last();
  const found = await labels(page, chart);
  for (const { text } of found) {
    await expect.poll(async () => {
      // Looked for anew each time: a page that is still being laid out moves it.
      const at = (await labels(page, chart)).find((label) => label.text === text);
      if (!at) return [];
      await page.mouse.move(at.x - 3, at.y);
      await page.mouse.move(at.x, at.y);
      const named = ((await tooltip.innerText()).split('\n')[0] ?? '').replace(/ \(.*/, '');
      return known.get(named)?.split('|') ?? [named];
    }, `${text} of chart ${chart}`).toContain(text);
  }
  return found.length;
}

test('every label of every axis stands at its point, zoomed and not, and a preset shows the whole again', async ({ page }) => {
  await page.goto(`${server.url}/?page=tendances`);
  await expect(page.locator('.chart svg').last()).toBeVisible();
  for (let chart = 0; chart < 6; chart += 1) expect(await everyLabelIsThatOfItsPoint(page, chart)).toBeGreaterThan(3);
  const days = page.getByRole('figure').last();
  const [from, to] = [days.getByLabel('Du', { exact: true }), days.getByLabel('au', { exact: true })];
  await expect(from).toHaveValue('2010-12-01');
  const box = await days.locator('.chart').boundingBox();
  if (!box) throw new Error('no chart');
  const slider = box.y + box.height - 13;
  const left = await leftHandle(page, slider);
  await page.mouse.move(left, slider);
  await page.mouse.down();
  await page.mouse.move(left + box.width * 0.45, slider, { steps: 12 });
  await page.mouse.up();
  await expect(from).not.toHaveValue('2010-12-01');
  await expect(to).toHaveValue('2011-12-09');
  expect(await everyLabelIsThatOfItsPoint(page, 4)).toBeGreaterThan(3);
  await days.getByRole('button', { name: '1 an', exact: true }).click();
  await expect(from).toHaveValue('2010-12-10');
  await expect(page).toHaveURL(/range=365/);
  expect(await everyLabelIsThatOfItsPoint(page, 4)).toBeGreaterThan(3);
});

/** Where the slider's left handle is: its shape is the first narrow one at that height. */
async function leftHandle(page: Page, y: number): Promise<number> {
  return page.evaluate((y) => {
    const shapes = [...document.querySelectorAll('.chart')].at(-1)?.querySelectorAll('svg path') ?? [];
    const at = [...shapes].map((shape) => shape.getBoundingClientRect()).filter((box) => box.width > 0 && box.width < 14 && box.top < y && box.bottom > y);
    return Math.min(...at.map((box) => box.left + box.width / 2));
  }, y);
}

test('a mean knows the days before its range', async ({ page }) => {
  await page.goto(`${server.url}/?page=accueil&range=30`);
  const line = page.locator('.chart svg path[fill="none"][stroke-width="1.8"]');
  await expect(line).toHaveCount(1);
  // From the first of the thirty days on: a line that began a week later would be shorter.
  const points = async () => ((await line.getAttribute('d')) ?? '').split(/[ML]/).length - 1;
  await expect.poll(points).toBeGreaterThanOrEqual(30);
});

test('back undoes an order, a filter, a search and a range', async ({ page }) => {
  await page.goto(`${server.url}/?page=clients`);
  const region = page.getByRole('region', { name: 'Tous les clients' });
  await region.getByRole('button', { name: 'Pays' }).click();
  await expect(page).toHaveURL(/sort=country/);
  await page.getByLabel('Pays', { exact: true }).selectOption('France');
  await expect(page).toHaveURL(/country=France/);
  await page.getByRole('searchbox').pressSequentially('126');
  await expect(page).toHaveURL(/q=126/);
  await region.getByRole('link').first().click();
  await expect(page).toHaveURL(/customer=126/);
  await page.getByRole('button', { name: 'Tous les clients' }).click();
  await expect(page).toHaveURL(/country=France.*/);
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/q=126/);
  await page.goBack();
  await expect(page).not.toHaveURL(/q=/);
  await page.goBack();
  await expect(page).not.toHaveURL(/country=France/);
  await page.goBack();
  await expect(page).not.toHaveURL(/sort/);
});

test('names and e-mails are shown or hidden by one switch, on every page', async ({ page }) => {
  await page.goto(`${server.url}/?page=clients`);
  const rows = page.getByRole('region', { name: 'Tous les clients' }).locator('tbody tr');
  await expect(rows.first()).toContainText('•••');
  await page.getByRole('button', { name: 'Montrer les noms' }).click();
  await expect(rows.first()).not.toContainText('•••');
  await page.keyboard.press('1');
  await expect(page.getByRole('button', { name: 'Masquer les noms' })).toBeVisible();
});

test('an answer leaves out the one order or customer that would make it', async ({ page }) => {
  await page.goto(`${server.url}/?lang=en`);
  await expect(page.locator('[data-answer="pays"]')).toContainText(/^Norway: .* without its largest customer/);
  await expect(page.locator('[data-answer="tendances"]')).toContainText('Without the largest day of each month: +13.6%');
  // The total of all time bears no arrow of this month.
  await expect(page.locator('.stat').filter({ has: page.locator('[data-figure="revenue_cents"]') }).locator('.change')).toHaveCount(0);
  const [last, before] = ['2011-12-09', '2011-12-02'].map((day) => expectedGold().days.find((row) => row.day === day)?.revenue_cents ?? NaN) as [number, number];
  const en = new Format('en', 'EUR');
  await expect(page.locator('[data-figure="today.revenue_cents"]')).toHaveText(en.money(last));
  // A day that is over has its arrow against the same weekday.
  const today = page.locator('.stat').filter({ has: page.locator('[data-figure="today.revenue_cents"]') });
  await expect(today.locator('.change')).toContainText(en.change(last / before - 1));
  await expect(today).toContainText('against the Friday before');
});

test('a day that still runs stands beside the whole same weekday before, in words and without an arrow', async ({ page }) => {
  const gold = expectedGold();
  const now = new Date();
  const today = calendarDay(now);
  const days = [{ day: plusDays(today, -7), orders: 3, revenue_cents: 1_234_500 }, { day: today, orders: 2, revenue_cents: 5_000 }];
  await new RecordedFeed({ ...gold, days }).install(page);
  await page.goto(`${server.url}/?lang=en`);
  const stat = page.locator('.stat').filter({ has: page.locator('[data-figure="today.revenue_cents"]') });
  const en = new Format('en', 'EUR');
  await expect(stat.locator('[data-figure]')).toHaveText(en.money(5_000));
  await expect(stat).toContainText(`2 orders; the ${en.weekday(today)} before, the whole day: ${en.money(1_234_500)}`);
  await expect(stat.locator('.change')).toHaveCount(0);
});

test('files that are still being read are told with the figures, which are not all yet', async ({ page }) => {
  const feed = new RecordedFeed(expectedGold());
  await feed.install(page);
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  const status = await server.json<{ inputs: { size_bytes: number }[] }>('/api/v1/status');
  const reading = status.inputs.map((input) => ({ ...input, state: 'reading', read_bytes: Math.floor(input.size_bytes * 0.635) }));
  feed.change({ status: { ...status, inputs: reading } });
  await expect(page.locator('[data-mark="reading"]')).toHaveText(/Lecture des fichiers\s: 63\s%/);
  feed.change({ status });
  await expect(page.locator('[data-mark="reading"]')).toHaveCount(0);
});

test('that all rows are counted again is told while what was there is shown', async ({ page }) => {
  const feed = new RecordedFeed(expectedGold());
  await feed.install(page);
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  const revenue = await page.locator('[data-figure="revenue_cents"]').first().textContent();
  const status = await server.json<object>('/api/v1/status');
  const rebuild = { generation: 1, logic_version: 3, rows: 635, of_rows: 1000, shadow: false, percent: 63, started_at: '2026-11-29T10:00:00Z', ends_at: null };
  feed.change({ status: { ...status, rebuild } });
  await expect(page.locator('[data-mark="rebuild"]')).toHaveText(/Recomptage avec la version 3\s: 63\s%/);
  await expect(page.locator('[data-figure="revenue_cents"]').first()).toHaveText(revenue ?? '');
  feed.change({ status: { ...status, rebuild: null } });
  await expect(page.locator('[data-mark="rebuild"]')).toHaveCount(0);
});

test('another page begins at its title, and single keys can be turned off', async ({ page }) => {
  await page.goto(server.url);
  await page.keyboard.press('2');
  await expect(page.locator('h1')).toBeFocused();
  await page.keyboard.press('?');
  await page.getByLabel('Raccourcis d’une seule touche').uncheck();
  await page.getByRole('button', { name: 'Fermer' }).click();
  await page.keyboard.press('3');
  await page.reload();
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.keyboard.press('3');
  await expect(page.locator('nav [aria-current=page]')).toHaveText(/Clients/);
});

test('what cannot be had is told in the language of the page', async ({ page }) => {
  await page.route('**/api/v1/customers*', (route) => route.abort('connectionrefused'));
  await page.goto(`${server.url}/?page=clients&q=12`);
  const region = page.getByRole('region', { name: 'Tous les clients' });
  await expect(region).toContainText(/Ce panneau n’a pas pu être chargé\s: le serveur ne répond pas/);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('region', { name: 'All customers' })).toContainText('the server does not answer');
});

test('figures are read when one likes: nothing is said aloud while they change', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('p[role="status"]')).toHaveText('En direct');
  await page.evaluate(() => {
    const regions = document.querySelectorAll('[aria-live], [role="status"], [role="alert"], output');
    const said = ((window as unknown as { said: string[] }).said = []) as string[];
    for (const region of regions) new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, { subtree: true, childList: true, characterData: true });
  });
  for (let i = 1; i <= 30; i += 1) {
    feed.update({ ...gold.summary, orders: i });
    await expect(page.locator('[data-figure="orders"]')).toHaveText(String(i));
  }
  // And neither as time goes by: the age beside the lamp moves on.
  const age = await page.locator('.light').innerText();
  await expect(page.locator('.light')).not.toHaveText(age);
  expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([]);
});

test('a figure is called by its title alone', async ({ page }) => {
  await page.goto(`${server.url}/?page=pays`);
  await expect(page.getByRole('figure', { name: 'Chiffre d’affaires par pays, EUR', exact: true })).toBeVisible();
});
