// Names of any length stay inside their cells: no page is wider than its window.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGES } from '../src/state/url';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const LONG = `https://shop.example/${'q'.repeat(299)}`;
const WORD = 'w'.repeat(320);
/** The rows of a shop whose page was 3,388 px wide. */
const REPORT = readFileSync(new URL('../../tests/data/reports/23-long-name-on-the-page/achats.csv', import.meta.url), 'utf8').trim().split('\n').slice(1);
const shop = mkdtempSync(join(tmpdir(), 'goldstream-names-'));
const server = new Goldstream([shop]);

test.beforeAll(async () => {
  const rows = [`l1,1,2026-11-01,30000,${LONG}`, `l2,1,2026-11-02,20000,${'z'.repeat(200_000)}`, `l3,${WORD},2026-11-03,8000,Pen`];
  writeFileSync(join(shop, 'achats.csv'), ['id_achat,id_client,date_achat,montant,produit', ...rows, ...REPORT, `bad,1,${WORD},1,Pen`].join('\n') + '\n');
  writeFileSync(join(shop, 'clients.csv'), ['id_client,nom,email,date_inscription,pays', `1,${WORD},${WORD}@x.fr,,${WORD}`].join('\n') + '\n');
  await server.start();
  await server.counted(3 + REPORT.length);
});
test.afterAll(async () => {
  await server.end();
  rmSync(shop, { recursive: true, force: true });
});

for (const width of [1440, 360]) {
  test(`no page is wider than ${width} px, whatever things and people are called`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    for (const query of [...PAGES.map((name) => `page=${name}`), 'page=clients&customer=1', 'page=accueil&names=true']) {
      await page.goto(`${server.url}/?${query}`);
      await expect(page.locator('[data-standing="live"]')).toBeVisible();
      await expect(page.locator('.skeleton')).toHaveCount(0);
      const widest = () => page.evaluate(() => document.documentElement.scrollWidth);
      expect(await widest(), query).toBeLessThanOrEqual(width);
      const tables = page.getByRole('button', { name: /^En tableau/ });
      while ((await tables.count()) > 0) await tables.first().click();
      expect(await widest(), `${query}, as tables`).toBeLessThanOrEqual(width);
    }
  });
}

test('a long name breaks within its cell, the whole in its title', async ({ page }) => {
  await page.goto(`${server.url}/?page=produits`);
  const table = page.getByRole('region', { name: 'Tous les produits' });
  const cell = table.locator('tbody td').first();
  await expect(cell).toHaveText(LONG);
  await expect(cell).toHaveAttribute('title', LONG);
  expect((await cell.boundingBox())?.width).toBeLessThan(900);
  const huge = table.locator('tbody tr').nth(1).locator('td').first();
  await expect(huge).toHaveText(`${'z'.repeat(319)}…`);
  await expect(huge).toHaveAttribute('title', `${'z'.repeat(1999)}…`);
});
