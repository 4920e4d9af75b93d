// What a person does about refused rows: finds them by file and line, sends them again, and sees them go; and hears
// that no purchase knows its customer.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const HEADER = 'id_achat,id_client,date_achat,montant,produit';
const home = mkdtempSync(join(tmpdir(), 'goldstream-refused-'));

function shop(name: string, purchases: readonly string[]): string {
  const folder = join(home, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'clients.csv'), 'id_client,nom,email,date_inscription,pays\n1,Ann,,,France\n');
  writeFileSync(join(folder, 'achats.csv'), [HEADER, ...purchases, ''].join('\n'));
  return folder;
}

test.afterAll(() => rmSync(home, { recursive: true, force: true }));

test('a refused row is told with its file and line, and goes once a row with its id was accepted', async ({ page }) => {
  const server = new Goldstream([shop('small', ['1,1,2026-11-01,"a\nb",Pen', '', '2,1,hier,3.00,Pen', '3,1,2026-11-01,x,Ink'])]);
  await server.start();
  try {
    for (const lang of ['fr', 'en']) {
      await page.goto(`${server.url}/?page=performances&lang=${lang}`);
      for (const line of [2, 5, 6]) await expect(page.locator('[data-place]').filter({ hasText: `achats.csv:${line}` })).toHaveCount(1);
    }
    const row = { id_achat: '3', id_client: '1', date_achat: '2026-11-01', montant: '5.00', produit: 'Ink' };
    expect((await page.request.post(`${server.url}/api/v1/purchases`, { data: row })).status()).toBe(202);
    await expect(page.locator('[data-place]').filter({ hasText: 'achats.csv:6' })).toHaveCount(0, { timeout: 15_000 });
    await expect(page.locator('[data-place]')).toHaveCount(2);
    await expect(page.locator('[data-figure="fate.quarantined"]'), 'every row keeps its fate').toHaveText('3');
  } finally {
    await server.end();
  }
});

test('that no purchase knows its customer is told on the page', async ({ page }) => {
  const rows = Array.from({ length: 1000 }, (_, i) => `${i},${i % 9}.0,2026-11-01,1.00,Pen`);
  const server = new Goldstream([shop('floats', rows)]);
  await server.start();
  try {
    await page.goto(`${server.url}/?page=performances`);
    await expect(page.locator('[data-warning]')).toContainText('only 0 of 1000 purchases know their customer');
  } finally {
    await server.end();
  }
});
