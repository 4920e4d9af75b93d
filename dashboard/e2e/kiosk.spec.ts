// The page on a wall, with nobody at it.
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';
import { expect, test } from './watch';

const server = new Goldstream([ONLINE_RETAIL]);
test.beforeAll(async () => {
  await server.start();
  await server.counted(expectedGold().summary.orders);
});
test.afterAll(() => server.end());

interface Wall {
  locks: string[];
  scrolls: unknown[];
}

test('pages come in turn, without navigation, names or buttons, until a key is hit', async ({ page }) => {
  await page.addInitScript(() => {
    const wall: Wall = { locks: [], scrolls: [] };
    Object.assign(window, { wall });
    const request = WakeLock.prototype.request;
    WakeLock.prototype.request = function (type?: WakeLockType) {
      wall.locks.push(type ?? '');
      return request.call(this, type);
    };
  });
  await page.goto(`${server.url}/?kiosk=5&names=true`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.getByRole('navigation')).toBeHidden();
  await expect(page.getByRole('button')).toHaveCount(0);
  expect(await page.evaluate(() => (window as unknown as { wall: Wall }).wall.locks)).toEqual(['screen']);
  const size = (selector: string) => page.locator(selector).first().evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
  const large = await size('dd[data-figure="revenue_cents"]');
  await expect(page).toHaveURL(/page=clients/);
  await expect(page.locator('h1')).toHaveText('Qui achète');
  await expect(page.locator('body')).not.toContainText('@');
  await expect(page).toHaveURL(/page=produits/);
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/page=tendances/);
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/page=pays/);
  await expect(page.getByRole('listbox')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/\/\?kiosk=5$/);
  // Pages that nobody chose are no history.
  expect(await page.evaluate(() => history.length)).toBeLessThan(4);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('navigation')).toBeVisible();
  await expect(page).not.toHaveURL(/kiosk/);
  expect(large).toBeGreaterThan(await size('dd[data-figure="revenue_cents"]'));
});

test('a server that was away, refused or paused is shown live again without a hand', async ({ page }) => {
  await page.goto(`${server.url}/?kiosk=3600`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await server.kill();
  await expect(page.locator('main.old')).toBeVisible();
  await server.start();
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.keyboard.press('p');
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
});

test('a server that ends the feed for good is asked again and again', async ({ page }) => {
  let refusals = 0;
  await page.routeWebSocket(/\/api\/v1\/feed/, (socket) => {
    refusals += 1;
    if (refusals > 2) socket.connectToServer();
    else void socket.close({ code: 4429, reason: 'too many' });
  });
  await page.goto(`${server.url}/?kiosk=3600`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible({ timeout: 60_000 });
  expect(refusals).toBe(3);
});

test('who wishes no motion gets none, and a pointer finds the way out', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.addInitScript(() => {
    const wall: Wall = { locks: [], scrolls: [] };
    Object.assign(window, { wall });
    const scroll = window.scrollTo.bind(window) as (...way: unknown[]) => void;
    window.scrollTo = (...way: unknown[]) => {
      wall.scrolls.push((way[0] as ScrollToOptions | undefined)?.behavior ?? 'instant');
      scroll(...way);
    };
  });
  await page.goto(`${server.url}/?page=produits&kiosk=5`);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  expect(new Set(await page.evaluate(() => (window as unknown as { wall: Wall }).wall.scrolls))).toEqual(new Set(['instant']));
  await page.mouse.move(200, 200);
  await page.mouse.move(240, 240);
  await page.getByRole('button', { name: 'Quitter l’affichage mural (Échap)' }).click();
  await expect(page.getByRole('navigation')).toBeVisible();
});

test('k leads to it from any page', async ({ page }) => {
  await page.goto(`${server.url}/?page=pays&names=true`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.keyboard.press('k');
  await expect(page).toHaveURL(/page=pays&kiosk=20/);
  await expect(page.getByRole('navigation')).toBeHidden();
  await page.keyboard.press('k');
  await expect(page.getByRole('navigation')).toBeVisible();
  await expect(page).toHaveURL(/\/\?page=pays$/);
});
