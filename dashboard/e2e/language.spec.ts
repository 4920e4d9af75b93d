// The page speaks one language: what the server says by codes it says itself, and amounts bear the shop's currency.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Format } from '../src/format/numbers';
import { PAGES } from '../src/state/url';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const HEADER = 'id_achat,id_client,date_achat,montant,produit';
const GOOD = ['1,1,2026-11-01,12.50,Pen', '2,2,2026-11-08,1000,Ink'];
const BAD = ['3,1,hier,3.00,Pen', '4,1,2026-11-01,x,Ink', '5,1,2026-11-01,200000000,Ink', '6,1,2109-12-09,5,Pen', '7,1,2026-11-01,-1,Ink', ',1,2026-11-01,1,Ink', '8,,2026-11-01,1,Ink', '9,1,2026-11-01,1,', HEADER, '1,1,2026-11-01,99,Pen'];
const shop = mkdtempSync(join(tmpdir(), 'goldstream-language-'));
const server = new Goldstream([shop, '--currency', 'gbp']);

test.beforeAll(async () => {
  writeFileSync(join(shop, 'achats.csv'), [HEADER, ...GOOD, ...BAD, ''].join('\n'));
  writeFileSync(join(shop, 'clients.csv'), 'id_client,nom,email,date_inscription,pays\n1,Ann,ann@x.fr,,France\n2,Bob,bob@x.fr,,Italie\n');
  await server.start();
  await server.counted(GOOD.length);
});
test.afterAll(async () => {
  await server.end();
  rmSync(shop, { recursive: true, force: true });
});

for (const lang of ['fr', 'en'] as const) {
  test(`amounts are in the currency of the server on every page, ${lang}`, async ({ page }) => {
    const format = new Format(lang, 'GBP');
    for (const name of PAGES) {
      await page.goto(`${server.url}/?page=${name}&lang=${lang}&currency=USD`);
      await expect(page.locator('[data-standing="live"]')).toBeVisible();
      await expect(page.locator('.skeleton')).toHaveCount(0);
      const text = await page.locator('body').innerText();
      expect(text, name).not.toMatch(/€|EUR|\$|USD/);
      if (name !== 'performances') expect(text, name).toContain('£');
    }
    await page.goto(`${server.url}/?lang=${lang}`);
    await expect(page.locator('[data-figure="revenue_cents"]')).toHaveText(format.money(101_250));
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog').getByRole('combobox')).toHaveCount(0);
  });
}

test('refused rows are told in French, each with its value, and no word of English', async ({ page }) => {
  await page.goto(`${server.url}/?page=performances&lang=fr`);
  const rejected = page.locator('.rejected li');
  await expect(rejected).toHaveCount(BAD.length);
  const told = async (raw: string): Promise<string> => rejected.filter({ hasText: raw }).locator('b').innerText();
  expect(await told('hier')).toBe('date illisible ou trop lointaine');
  expect(await told('2109-12-09')).toBe('date illisible ou trop lointaine');
  expect(await told('200000000')).toBe('montant illisible ou trop grand');
  await expect(rejected.filter({ hasText: 'l’en-tête, encore une fois' })).toHaveCount(1);
  await expect(rejected.filter({ hasText: 'hier' }).locator('span').first()).toContainText('hier');
  expect(await rejected.allInnerTexts().then((all) => all.join(' '))).not.toMatch(/\b(is|was|the|amount|date no|empty|ahead|above)\b/);
});

const ANSWERS = [
  [400, 'le serveur ne comprend pas la demande', 'the server does not understand the request'],
  [404, 'introuvable', 'not found'],
  [429, 'trop de demandes à la fois, réessayez dans un instant', 'too many requests at once, try again in a moment'],
  [418, 'le serveur refuse la demande (418)', 'the server refuses the request (418)'],
  [503, 'le serveur ne peut pas répondre maintenant (503)', 'the server cannot answer now (503)'],
] as const;

for (const [status, french, english] of ANSWERS) {
  test(`an answer of ${status} is told in the language of the page`, async ({ page }) => {
    await page.route('**/api/v1/customers*', (route) => route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ status, detail: 'a sentence for who asks by hand' }) }));
    for (const [lang, words] of [['fr', french], ['en', english]] as const) {
      await page.goto(`${server.url}/?page=clients&q=12&lang=${lang}`);
      await expect(page.locator('main')).toContainText(words);
      await expect(page.locator('main')).not.toContainText('by hand');
    }
  });
}

test('a customer whom nobody knows is told in French', async ({ page }) => {
  await page.goto(`${server.url}/?page=clients&customer=nobody`);
  await expect(page.locator('main')).toContainText(/Ce panneau n’a pas pu être chargé\s: introuvable/);
});
