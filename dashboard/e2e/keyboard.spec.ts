// Every page by the Tab key alone: few stops, in reading order, each in sight and marked, and none that holds the focus.
import type { Page } from '@playwright/test';
import { PAGES } from '../src/state/url';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expect, test } from './watch';

/** Of a whole page: a thousand rows, three hundred days and forty countries are no stops. */
const STOPS_MAX = 75;
const server = new Goldstream([ONLINE_RETAIL]);
test.beforeAll(async () => {
  await server.start();
  // While files are read the page changes under who walks through it.
  await expect.poll(() => server.json<Read>('/api/v1/status').then(isRead), { timeout: 60_000 }).toBe(true);
});
test.afterAll(() => server.end());

interface Read {
  inputs: { state: string }[];
  lag: { records: number | null };
}

const isRead = ({ inputs, lag }: Read): boolean => inputs.every(({ state }) => state !== 'reading') && lag.records === 0;

interface Stop {
  what: string;
  /** In the document, whatever has come or gone there since. */
  comesBehindTheLast: boolean;
  isInSight: boolean;
  isMarked: boolean;
}

/** The element with the focus; null once the page is left. */
function stopOf(page: Page): Promise<Stop | 'same' | null> {
  return page.evaluate(() => {
    const active = document.activeElement;
    if (!active || active === document.body) return null;
    const walk = window as Window & { lastStop?: Element };
    const last = walk.lastStop;
    // A date is three stops of one field: day, month, year.
    if (last === active) return 'same';
    walk.lastStop = active;
    const box = active.getBoundingClientRect();
    const style = getComputedStyle(active);
    const [x, y] = [box.left + Math.min(box.width, innerWidth - box.left) / 2, Math.max(1, box.top + Math.min(box.height / 2, 12))];
    const found = document.elementFromPoint(x, y);
    return {
      what: `${active.tagName} ${active.getAttribute('aria-label') ?? active.textContent?.trim().slice(0, 40) ?? ''}`,
      comesBehindTheLast: !last || (last.compareDocumentPosition(active) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
      // Nothing else lies above it, the head of the page for one.
      isInSight: found !== null && (active.contains(found) || found.contains(active)),
      isMarked: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
    };
  });
}

for (const width of [1440, 360]) {
  for (const name of PAGES) {
    test(`${name} is walked through by the Tab key at ${width} px`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${server.url}/?page=${name}&n=1000`);
      await expect(page.locator('[data-standing="live"]')).toBeVisible();
      await expect(page.locator('.skeleton')).toHaveCount(0);
      const stops: Stop[] = [];
      for (;;) {
        await page.keyboard.press('Tab');
        const stop = await stopOf(page);
        if (stop === null || stops.length > STOPS_MAX) break;
        if (stop !== 'same') stops.push(stop);
      }
      expect(stops.length).toBeLessThanOrEqual(STOPS_MAX);
      expect(stops.length).toBeGreaterThan(PAGES.length + 5);
      for (const [i, stop] of stops.entries()) {
        expect(stop.comesBehindTheLast, `${stop.what} comes behind ${stops[i - 1]?.what ?? ''}`).toBe(true);
        expect([stop.what, stop.isMarked], 'is marked').toEqual([stop.what, true]);
        expect([stop.what, stop.isInSight], 'is in sight').toEqual([stop.what, true]);
      }
    });
  }
}

test('the keyboard alone leads to a customer, another page, and the settings, and back', async ({ page }) => {
  await page.goto(server.url);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Aller au contenu' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('Shift+Tab');
  await page.getByRole('navigation').getByRole('link', { name: 'Clients' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toBeFocused();
  const region = page.getByRole('region', { name: 'Tous les clients' });
  await region.getByRole('button', { name: /^Commandes/ }).focus();
  await page.keyboard.press('Space');
  await expect(page).toHaveURL(/sort=-orders/);
  await expect(region.getByRole('columnheader', { name: /^Commandes/ })).toHaveAttribute('aria-sort', 'descending');
  await region.getByRole('button', { name: 'Inscription' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/customer=/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
