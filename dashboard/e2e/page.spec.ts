// The page by itself: accessible in both themes and languages, by keyboard, at 360 px, and steady over many updates.
import type { Page } from '@playwright/test';
import { Format } from '../src/format/numbers';
import { PAGES } from '../src/state/url';
import { rules, violations } from './axe';
import { Goldstream } from './goldstream';
import { expectedGold, RecordedFeed } from './recorded';
import { expect, test } from './watch';

const server = new Goldstream(['--demo']);

test.beforeAll(() => server.start());
test.afterAll(() => server.end());

/** The page in one look, connected and with everything that it draws at first. */
async function open(page: Page, query: string): Promise<void> {
  await page.goto(`${server.url}/?${query}`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
}

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing while every figure is tinted, ${theme}`, async ({ page }) => {
    await open(page, `page=accueil&theme=${theme}`);
    // As in the tint's first moment, which lasts too short to be looked at.
    await page.addStyleTag({ content: '.value { animation: none !important; background: var(--soft) !important; }' });
    expect(await violations(page)).toEqual([]);
  });
  for (const lang of ['fr', 'en']) {
    for (const name of PAGES) {
      test(`axe finds nothing on ${name}, ${theme}, ${lang}`, async ({ page }) => {
        await open(page, `page=${name}&theme=${theme}&lang=${lang}`);
        await expect(page.locator('html')).toHaveAttribute('lang', lang);
        expect(await violations(page)).toEqual([]);
      });
    }
  }
}

test('axe runs every rule on WCAG 2.2 A and AA, and finds a name that lacks what is to be read', async ({ page }) => {
  await open(page, 'page=accueil');
  const ids = await rules(page);
  for (const id of ['label-content-name-mismatch', 'target-size', 'color-contrast', 'autocomplete-valid', 'td-has-header']) expect(ids).toContain(id);
  await page.locator('.controls button').first().evaluate((button) => button.setAttribute('aria-label', 'Zut'));
  expect((await violations(page)).map((found) => found.split(':')[0])).toEqual(['label-content-name-mismatch']);
});

test('the keys lead to the pages, the search and the help', async ({ page }) => {
  await page.goto(server.url);
  for (const [i, name] of PAGES.entries()) {
    await page.keyboard.press(String(i + 1));
    await expect(page.locator('nav [aria-current=page]')).toHaveAttribute('href', i === 0 ? '/' : `/?page=${name}`);
  }
  await page.keyboard.press('3');
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/page=produits&.*q=2/);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('no page is wider than 360 px', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  for (const name of PAGES) {
    await page.goto(`${server.url}/?page=${name}`);
    await expect(page.locator('[data-standing="live"]')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360);
  }
});

test('focus and scroll stay where they are over fifty updates', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(`${server.url}/?page=clients`);
  const link = page.getByRole('region', { name: 'Tous les clients' }).getByRole('link', { name: '17511' });
  await link.focus();
  const top = await page.evaluate(() => scrollY);
  for (let i = 1; i <= 50; i += 1) feed.update({ ...gold.summary, orders: i });
  await expect(link).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(top);
});

test('a ranking holds its order while it is pointed at, and says that another waits', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(`${server.url}/?page=clients`);
  const ranking = page.getByRole('figure').filter({ hasText: 'Les clients qui dépensent le plus' });
  const first = ranking.locator('li').first();
  await expect(first).toContainText('14646');
  await first.hover();
  const second = gold.customers.find((row) => row.customer_id === '18102');
  feed.change({ customers: { upsert: [{ ...second, revenue_cents: 99_999_900 }], delete: [] } });
  await expect(ranking.locator('li').nth(1)).toContainText(new Format('fr', 'EUR').money(99_999_900));
  await expect(ranking).toContainText('ordre mis à jour');
  await expect(first).toContainText('14646');
  await page.locator('h1').hover();
  await expect(first).toContainText('18102');
  await expect(ranking).not.toContainText('ordre mis à jour');
});

test('a figure that changed is tinted, and no other', async ({ page }) => {
  const gold = expectedGold();
  const feed = new RecordedFeed(gold);
  await feed.install(page);
  await page.goto(server.url);
  const value = (name: string) => page.locator(`[data-figure="${name}"] .value`);
  await expect(value('orders')).toHaveText(new Format('fr', 'EUR').whole(gold.summary.orders));
  await expect(value('orders')).not.toHaveClass(/tint/);
  feed.update({ ...gold.summary, orders: 1 });
  await expect(value('orders')).toHaveText('1');
  await expect(value('orders')).toHaveClass(/tint/);
  await expect(value('customers')).not.toHaveClass(/tint/);
});

test('every chart can be read as a table and saved as CSV', async ({ page }) => {
  for (const name of PAGES) {
    await page.goto(`${server.url}/?page=${name}`);
    const figures = page.getByRole('figure');
    await expect(figures.first()).toBeVisible();
    for (const figure of await figures.all()) {
      await figure.getByRole('button', { name: /^En tableau/ }).click();
      await expect(figure.locator('tbody tr').first()).toBeVisible();
      const saved = page.waitForEvent('download');
      await figure.getByRole('button', { name: /^CSV/ }).click();
      expect((await saved).suggestedFilename()).toMatch(/^[\p{L}\p{N}-]+\.csv$/u);
    }
  }
});

test('who wishes no motion gets none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(server.url);
  const bar = page.locator('.fill').first();
  await expect(bar).toBeVisible();
  expect(await bar.evaluate((element) => getComputedStyle(element).transitionDuration)).toBe('0s');
});

test('t changes the theme, and the address and the browser keep it', async ({ page }) => {
  await page.goto(server.url);
  await page.keyboard.press('t');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.keyboard.press('t');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page).toHaveURL(/theme=dark/);
  await page.goto(server.url);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the page speaks the language of the browser until another is chosen, which stays', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(server.url);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Français' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await page.goto(server.url);
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await context.close();
});
