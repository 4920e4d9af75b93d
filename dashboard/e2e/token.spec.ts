// A server that wants a token: the page asks for it once.
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expect, test } from './watch';

const TOKEN = 'correct-horse-battery-staple';
const server = new Goldstream([ONLINE_RETAIL, '--token', TOKEN, '--audit-cpu-percent', '100']);

test.beforeAll(() => server.start());
test.afterAll(() => server.end());

test('the page asks for the token, again where it is wrong, and never again once it is right', async ({ page }) => {
  await page.goto(server.url);
  const dialog = page.getByRole('dialog', { name: 'Ce serveur demande son jeton' });
  await expect(dialog).toBeVisible();
  await expect(page.locator('[data-standing="stopped"]')).toBeVisible();
  await dialog.getByLabel('Jeton').fill('guess');
  await dialog.getByRole('button', { name: 'Entrer' }).click();
  await expect(dialog).toContainText('pas le bon');
  await dialog.getByLabel('Jeton').fill(TOKEN);
  await dialog.getByRole('button', { name: 'Entrer' }).click();
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(dialog).toBeHidden();
  await page.goto(`${server.url}/?page=performances`);
  await expect(page.getByText('Dernières lignes refusées')).toBeVisible();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Achats (CSV)' }).click();
  expect((await saved).suggestedFilename()).toBe('quarantine-purchases.csv');
  await expect(page.locator('[data-figure="verified"]')).toHaveText(/^✓ égal au calcul complet, il y a /, { timeout: 60_000 });
  await page.reload();
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
});
