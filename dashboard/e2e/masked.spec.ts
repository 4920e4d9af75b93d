// Screens are looked at by many: names and e-mails stand nowhere on the page until they are asked for, and then everywhere.
import type { Page } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../src/api/types';
import { PAGES } from '../src/state/url';
import { Goldstream } from './goldstream';
import { expectedGold, RecordedFeed } from './recorded';
import { expect, test } from './watch';

const PURCHASES = ['1,7,2026-11-01,12.50,Pen', '2,8,2026-11-08,1000,Ink', '3,9,2026-11-09,70,Ink', '4,7,2026-11-09 12:00:00,7,Pen'];
/** Three who are known, and one whose line is too short. */
const CUSTOMERS = ['7,Zora Quenelle,zora@secret.example,2026-01-01,France', '8,Basile Tavernier,basile@secret.example,2026-01-02,Italie', '9,Odile Framboise,odile@secret.example,hier,France', '10,Prune Mirabelle,prune@secret.example'];
const NAMES = /Quenelle|Tavernier|Framboise|Mirabelle|secret\.example/;
const shop = mkdtempSync(join(tmpdir(), 'goldstream-masked-'));
const server = new Goldstream([shop]);

test.beforeAll(async () => {
  writeFileSync(join(shop, 'achats.csv'), ['id_achat,id_client,date_achat,montant,produit', ...PURCHASES, ''].join('\n'));
  writeFileSync(join(shop, 'clients.csv'), ['id_client,nom,email,date_inscription,pays', ...CUSTOMERS, ''].join('\n'));
  await server.start();
  await server.counted(PURCHASES.length);
});
test.afterAll(async () => {
  await server.end();
  rmSync(shop, { recursive: true, force: true });
});

/** The page with all that it shows at first, its charts as tables. */
async function whole(page: Page, query: string): Promise<string> {
  await page.goto(`${server.url}/?${query}`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  const charts = await page.content();
  const tables = page.getByRole('button', { name: /^En tableau/ });
  while ((await tables.count()) > 0) await tables.first().click();
  return charts + (await page.content());
}

const PLACES = [...PAGES.map((name) => `page=${name}`), 'page=clients&customer=7', 'page=clients&q=zora', 'page=clients&q=basile%40', 'page=clients&sort=name'];

test('no name and no e-mail stands on any page, in any attribute, until they are asked for', async ({ page }) => {
  for (const query of PLACES) expect(await whole(page, query), query).not.toMatch(NAMES);
  await page.goto(`${server.url}/?page=performances`);
  await expect(page.locator('.rejected li')).toHaveCount(1);
});

test('a file of the page holds no names, whether they are shown or not', async ({ page }) => {
  for (const query of ['page=accueil', 'page=clients', 'page=clients&names=true']) {
    await page.goto(`${server.url}/?${query}`);
    await expect(page.locator('.skeleton')).toHaveCount(0);
    for (const figure of await page.getByRole('figure').all()) {
      const saved = page.waitForEvent('download');
      await figure.getByRole('button', { name: /^CSV/ }).click();
      expect(readFileSync(await (await saved).path(), 'utf8'), query).not.toMatch(NAMES);
    }
  }
});

test('once they are asked for they stand everywhere, by whichever switch', async ({ page }) => {
  for (const name of ['accueil', 'clients', 'performances']) {
    await page.goto(`${server.url}/?page=${name}`);
    await page.getByRole('button', { name: 'Montrer les noms' }).click();
    await expect(page.locator('main')).toContainText(name === 'performances' ? 'Mirabelle' : 'Tavernier');
    await page.keyboard.press('2');
    const rows = page.getByRole('region', { name: 'Tous les clients' });
    await expect(rows).toContainText('zora@secret.example');
    await rows.getByRole('link', { name: '7', exact: true }).click();
    await expect(page.locator('#customer-title')).toContainText('Zora Quenelle');
    await expect(page.locator('#customer-title')).toContainText('zora@secret.example');
    await page.keyboard.press('6');
    await expect(page.locator('.rejected')).toContainText('prune@secret.example');
    await page.keyboard.press('1');
    await expect(page.locator('[data-answer="clients"]')).toContainText('Basile Tavernier');
    await expect(page.getByRole('region', { name: 'Derniers achats' })).toContainText('Zora Quenelle');
    await page.getByRole('button', { name: 'Masquer les noms' }).click();
    await page.keyboard.press('6');
    await expect(page.locator('.rejected')).not.toContainText('secret.example');
  }
});

test('what differs in a proof tells no name either', async ({ page }) => {
  const feed = new RecordedFeed(expectedGold());
  await feed.install(page);
  await page.goto(`${server.url}/?page=performances`);
  await expect(page.locator('[data-standing="live"]')).toBeVisible();
  const status = await server.json<Status>('/api/v1/status');
  const differing = [
    { table: 'customers', key: '7', field: 'name', gold: 'Zora Quenelle', batch: null },
    { table: 'customers', key: '7', field: null, gold: { name: 'Zora Quenelle' }, batch: null },
    { table: 'customers', key: '7', field: 'orders', gold: 41, batch: 42 },
  ];
  feed.change({ status: { ...status, verified: { at: new Date().toISOString(), rows: 8, differences: 3, differing } } });
  await expect(page.locator('.differing li')).toHaveCount(3);
  await expect(page.locator('.differing')).toContainText('41');
  await expect(page.locator('.differing')).not.toContainText('Quenelle');
  await page.getByRole('button', { name: 'Montrer les noms' }).first().click();
  await expect(page.locator('.differing')).toContainText('Quenelle');
});

test('an id that is an address is hidden, too, wherever it can be read; links and files have it as the key that it is', async ({ page }) => {
  const dir = mkdtempSync(join(tmpdir(), 'goldstream-addressed-'));
  writeFileSync(join(dir, 'achats.csv'), 'id_achat,id_client,date_achat,montant,produit\n5,ada@secret.example,2026-11-09,80,Ink\n6,ada@secret.example,2026-11-09,zero,Ink\n');
  writeFileSync(join(dir, 'clients.csv'), 'id_client,nom,email,date_inscription,pays\n');
  const addressed = new Goldstream([dir]);
  try {
    await addressed.start();
    await addressed.counted(1);
    for (const query of ['page=accueil', 'page=clients', 'page=performances', 'page=clients&customer=ada%40secret.example']) {
      await page.goto(`${addressed.url}/?${query}`);
      await expect(page.locator('[data-standing="live"]')).toBeVisible();
      await expect(page.locator('.skeleton')).toHaveCount(0);
      await expect(page.locator('main')).toContainText('•••');
      expect(await page.locator('main').innerText(), query).not.toContain('secret.example');
    }
  } finally {
    await addressed.end();
    rmSync(dir, { recursive: true, force: true });
  }
});
