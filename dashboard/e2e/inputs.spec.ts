// An input in trouble is told on every page, calmly, while the rest lives on; and no longer than it lasts.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGES } from '../src/state/url';
import { violations } from './axe';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const HEADER = 'id_achat,id_client,date_achat,montant,produit';
const ROWS = Array.from({ length: 20 }, (_, i) => `${i},1,2026-11-${String(i + 1).padStart(2, '0')},10.00,Pen`);
const shop = mkdtempSync(join(tmpdir(), 'goldstream-inputs-'));
const server = new Goldstream([shop]);

/** As programs save a file: written beside it, then set in its place. */
function save(name: string, lines: readonly string[]): void {
  const beside = join(shop, `.${name}.part`);
  writeFileSync(beside, lines.join('\n') + '\n');
  renameSync(beside, join(shop, name));
}

test.beforeAll(async () => {
  save('clients.csv', ['id_client,nom,email,date_inscription,pays', '1,Ann,,,France']);
  save('achats.csv', [HEADER, ...ROWS]);
  await server.start();
});
test.afterAll(async () => {
  await server.end();
  rmSync(shop, { recursive: true, force: true });
});

test('a file with a wrong header is told on every page, the rest stays live, and the notice goes when it is mended', async ({ page }) => {
  await page.goto(`${server.url}/?page=performances`);
  const inputs = page.locator('[data-inputs] tbody tr');
  await expect(inputs).toHaveCount(2);
  await expect(inputs.filter({ hasText: 'achats.csv' })).toContainText('20');
  await expect(inputs.filter({ hasText: 'achats.csv' })).toContainText('suivie');
  await expect(page.locator('[data-trouble]')).toHaveCount(0);

  save('achats.csv', ['un,autre\u001b[31m,export', ...ROWS]);
  const notice = page.getByRole('status').locator('[data-trouble$="/achats.csv"]');
  await expect(notice).toContainText(/^achats\.csv est arrêté/);
  const { troubles } = await server.json<{ troubles: Record<string, string> }>('/api/v1/status');
  const [[name, why] = ['', '']] = Object.entries(troubles);
  const sentence = why.replace(`${name.replace('input ', '')}: `, '');
  expect(sentence).toMatch(/^no header of a purchases file/);
  await expect(notice).toContainText(sentence.replaceAll('\u001b', '\ufffd'));
  await expect(inputs.first()).toContainText('arrêtée');
  for (const [name, lang, theme] of PAGES.flatMap((name) => [[name, 'fr', 'light'], [name, 'en', 'dark']] as const)) {
    await page.goto(`${server.url}/?page=${name}&lang=${lang}&theme=${theme}`);
    await expect(notice).toContainText(lang === 'fr' ? 'est arrêté' : 'stands still');
    await expect(page.locator('.skeleton')).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
  }

  await page.goto(server.url);
  await expect(page.locator('[data-figure="orders"]')).toHaveText('20');
  const row = { id_achat: 'p1', id_client: '1', date_achat: '2026-11-20', montant: '5.00', produit: 'Ink' };
  expect((await page.request.post(`${server.url}/api/v1/purchases`, { data: row })).status()).toBe(202);
  await expect(page.locator('[data-figure="orders"]')).toHaveText('21');
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  save('achats.csv', [HEADER, ...ROWS, '20,1,2026-11-21,10.00,Pen']);
  await expect(page.locator('[data-trouble]')).toHaveCount(0);
  await expect(page.locator('[data-figure="orders"]')).toHaveText('22');
});

test('what a person should know of a file stands on the page, whole', async ({ page }) => {
  save('achats.csv', [HEADER, ...ROWS, 'n1,1,2026-11-20,1,Th\u00e9', 'n2,1,2026-11-20,1,The\u0301']);
  await page.goto(`${server.url}/?page=performances`);
  const warning = page.locator('[data-warning]');
  await expect(warning).toContainText(/^achats\.csv : products that look the same .* \(line 23\)$/);
  save('achats.csv', [HEADER, ...ROWS]);
  await expect(warning).toHaveCount(0);
});
