// The server is away: the page opens nevertheless, with what it last knew, and comes back by itself or at once.
import { Format } from '../src/format/numbers';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';
import { expect, test } from './watch';

const fr = new Format('fr', 'EUR');
const server = new Goldstream([ONLINE_RETAIL]);
test.beforeAll(() => server.start());
test.afterAll(() => server.end());

test('a reload while the server is away shows the last figures, marked as old', async ({ page }) => {
  const { orders } = expectedGold().summary;
  const shown = page.locator('[data-figure="orders"]');
  await page.goto(server.url);
  await expect(shown).toHaveText(fr.whole(orders), { timeout: 60_000 });
  await expect(page.locator('.chart svg').first()).toBeVisible();
  await expect.poll(() => page.evaluate(async () => (await (await caches.open('goldstream-page')).keys()).length)).toBeGreaterThan(3);
  await server.kill();
  await page.reload();
  await expect(shown).toHaveText(fr.whole(orders));
  await expect(page.locator('main.old')).toBeVisible();
  await expect(page.locator('.light')).toContainText('chiffres de');
  await expect(page.locator('.chart svg').first()).toBeVisible();
  // The last figures, and nobody's name.
  const kept = await page.evaluate(() => localStorage.getItem('goldstream.last') ?? '');
  expect(kept).toContain('"customers":[{');
  expect(kept).not.toContain('@');
  await server.start();
  // Its answer is waited for at most five seconds; whoever is in a hurry says so.
  const now = page.getByRole('button', { name: 'Essayer maintenant' });
  if (await now.isVisible()) await now.click({ timeout: 1_000 }).catch(() => undefined);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('main.old')).toHaveCount(0);
});
