// The lake on the page: what the card says is what the status says, and what stands on the disk.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../src/api/types';
import { Format } from '../src/format/numbers';
import { violations } from './axe';
import { BINARY, Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold, RecordedFeed } from './recorded';
import { expect, test } from './watch';

const fr = new Format('fr', 'EUR');
const dir = mkdtempSync(join(tmpdir(), 'goldstream-lake-'));
const [shop, lake, config] = [join(dir, 'shop'), join(dir, 'lake'), join(dir, 'goldstream.toml')];
const server = new Goldstream([shop, '--lake', lake, '--config', config]);

test.beforeAll(async () => {
  execFileSync(BINARY, ['generate', '--out', shop, '--customer-count', '200', '--purchase-count', '3000', '--dirt', '2'], { stdio: 'ignore' });
  // Nobody waits five minutes here for a file.
  writeFileSync(config, '[lake]\nseconds = 1\n');
  await server.start();
});
test.afterAll(async () => {
  await server.end();
  rmSync(dir, { recursive: true, force: true });
});

/** Every file with rows that stands in the lake. */
function filesOnDisk(): string[] {
  const names = ['bronze', 'silver', 'quarantine'].flatMap((table) => readdirSync(join(lake, table), { recursive: true, encoding: 'utf8' }).map((name) => join(lake, table, name)));
  return names.filter((name) => name.endsWith('.parquet'));
}

const status = (): Promise<Status> => server.json<Status>('/api/v1/status');

test('the card says what the status says, and what stands on the disk', async ({ page }) => {
  await server.until('written to its lake', async () => {
    const { lake: written, inputs, rows, lag } = await status();
    const isRead = inputs.length === 2 && inputs.every(({ state }) => state === 'following') && rows.total > 3000;
    return isRead && lag.records === 0 && written?.lag_records === 0 && written.gold_at !== null;
  });
  await page.goto(`${server.url}/?page=performances`);
  const card = page.locator('[data-lake]');
  await expect(card.getByRole('heading')).toHaveText('Lac de données');
  const { lake: said } = await status();
  if (!said) throw new Error('the status says nothing of a lake');
  expect(said.address).toBe(lake);
  await expect(card).toContainText(lake);
  const figure = (name: string) => card.locator(`[data-figure="lake.${name}"]`);
  const files = filesOnDisk();
  expect(said.files).toBe(files.length);
  await expect(figure('files')).toHaveText(fr.whole(files.length));
  const bytes = files.reduce((sum, name) => sum + statSync(name).size, 0);
  expect(said.bytes).toBe(bytes);
  await expect(figure('bytes')).toHaveText(fr.bytes(bytes));
  await expect(figure('rows')).toHaveText(fr.whole(said.rows));
  await expect(figure('lag_records')).toHaveText('à jour');
  // Gold may be written once more meanwhile.
  await expect(async () => {
    const now = (await status()).lake;
    for (const name of ['written_at', 'gold_at'] as const) expect(await figure(name).textContent()).toContain(fr.time(now?.[name] ?? ''));
  }).toPass();
  await expect(card.locator('[data-lake-trouble]')).toHaveCount(0);
});

test('a purchase that is counted is in the lake soon after, and the card says so', async ({ page }) => {
  await page.goto(`${server.url}/?page=performances&lang=en`);
  const rows = page.locator('[data-figure="lake.rows"]');
  await expect(rows).not.toHaveText('0');
  const before = (await status()).lake?.rows ?? NaN;
  const row = { id_achat: 'lake-1', id_client: '1', date_achat: '2026-11-20', montant: '5.00', produit: 'Ink' };
  expect((await page.request.post(`${server.url}/api/v1/purchases`, { data: row })).status()).toBe(202);
  // Once in bronze, once in silver.
  await expect(rows).toHaveText(new Format('en', 'EUR').whole(before + 2));
  await expect(page.locator('[data-figure="lake.lag_records"]')).toHaveText('up to date');
  expect((await status()).lake?.files).toBe(filesOnDisk().length);
});

test('what is behind and what is wrong stand on the card, in both themes and at 360 px', async ({ page }) => {
  const feed = new RecordedFeed(expectedGold());
  await feed.install(page);
  await page.setViewportSize({ width: 360, height: 780 });
  for (const [theme, lang] of [['light', 'fr'], ['dark', 'en']] as const) {
    await page.goto(`${server.url}/?page=performances&theme=${theme}&lang=${lang}`);
    await expect(page.locator('[data-standing="live"]')).toBeVisible();
    const whole = await status();
    const why = 's3://a-bucket-of-the-shop/and-a-prefix is away: error sending request';
    const far = { ...whole.lake, address: 's3://a-bucket-of-the-shop/and-a-prefix-that-takes-more-than-one-line-of-a-telephone', lag_records: 1200, written_at: null };
    feed.change({ status: { ...whole, lake: far, troubles: { 'vm:7 (lake): lake': why, log: 'away' } } });
    const card = page.locator('[data-lake]');
    await expect(card.locator('[data-lake-trouble]')).toHaveText([why]);
    await expect(card.locator('[data-figure="lake.lag_records"]')).toHaveText(lang === 'fr' ? fr.whole(1200) : '1,200');
    await expect(card.locator('[data-figure="lake.written_at"]')).toHaveText('–');
    await expect(page.locator('.skeleton')).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await violations(page)).toEqual([]);
  }
});

test('there is no card where no lake is written', async ({ page }) => {
  const without = new Goldstream([ONLINE_RETAIL]);
  try {
    await without.start();
    expect((await without.json<Status>('/api/v1/status')).lake).toBeNull();
    await page.goto(`${without.url}/?page=performances`);
    await expect(page.locator('[data-inputs]')).toBeVisible();
    await expect(page.locator('[data-lake]')).toHaveCount(0);
  } finally {
    await without.end();
  }
});
