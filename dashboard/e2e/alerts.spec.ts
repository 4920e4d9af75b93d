// What a person is told on the page: a bell with a count, the list behind it, a notification of the browser.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const SLOW = { timeout: 30_000 };
const two = (number: number): string => String(number).padStart(2, '0');

/** The wall clock so many minutes ago, as a shop writes it. */
function ago(minutes: number): string {
  const at = new Date();
  // By the wall, whatever the clock was put forward or back since.
  at.setMinutes(at.getMinutes() - minutes);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

test('the bell counts what is open, its list has the figures and the chart, and what is new is notified', async ({ page, context }) => {
  const home = mkdtempSync(join(tmpdir(), 'goldstream-alerts-'));
  const config = join(home, 'goldstream.toml');
  writeFileSync(config, '[alerts.silence]\nminutes = 5\nhours = [0, 24]\n[[alerts.to]]\nbrowser = true\n');
  writeFileSync(join(home, 'achats.csv'), `id_achat,id_client,date_achat,montant,produit\n1,1,${ago(10)},5.00,Pen\n`);
  const server = new Goldstream([home, '--config', config]);
  await server.start();
  try {
    await context.grantPermissions(['notifications'], { origin: server.url });
    await page.addInitScript(() => {
      const told: string[] = [];
      // The browser's own, which shows it all the same; a page cannot ask what was shown.
      const shown = class extends Notification {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          told.push(options?.tag ?? '');
        }
      };
      Object.assign(window, { Notification: shown, told });
    });
    await page.goto(`${server.url}/?lang=en`);
    const bell = page.locator('[data-figure="alerts"]');
    await expect(bell).toHaveText('1', SLOW);
    await bell.click();
    const silence = page.locator('[data-alert^="silence:"]');
    await expect(silence).toContainText('No purchase for');
    await silence.getByRole('button', { name: 'I know' }).click();
    await expect(silence).toHaveAttribute('data-state', 'acknowledged');
    await page.getByLabel('Let this browser notify me').check();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(bell).toHaveText('');
    const rows = Array.from({ length: 200 }, (_, number) => ({ id_achat: `R${number}` }));
    expect((await page.request.post(`${server.url}/api/v1/purchases`, { data: rows })).status()).toBe(202);
    await expect(bell).toHaveText('1', SLOW);
    await expect.poll(() => page.evaluate(() => (window as unknown as { told: string[] }).told), SLOW).toEqual([expect.stringMatching(/^quarantine_share:/)]);
    await bell.click();
    await silence.getByRole('link').click();
    await expect(page).toHaveURL(/page=tendances&from=\d{4}-\d{2}-\d{2}&to=\d{4}-\d{2}-\d{2}/);
    await expect(page.getByRole('dialog')).toBeHidden();
  } finally {
    await server.end();
    rmSync(home, { recursive: true, force: true });
  }
});

test('an hour whose sales stopped stands in the list with its figures, and leads to the chart of its day', async ({ page }) => {
  const home = mkdtempSync(join(tmpdir(), 'goldstream-hours-'));
  const config = join(home, 'goldstream.toml');
  writeFileSync(config, '[alerts.sales_drop]\nhourly = true\norders_min = 8\nfrom_minute = 0\n[[alerts.to]]\nbrowser = true\n');
  // Eight weeks of eight purchases in this hour and in the one before, and one purchase now.
  const minutes = Array.from({ length: 8 }, (_, week) => [(week + 1) * 10_080 + 60, (week + 1) * 10_080]).flat();
  const past = minutes.flatMap((at) => Array.from({ length: 8 }, () => at));
  const rows = [...past, 0].map((at, number) => `${number},1,${ago(at)},5.00,Pen\n`);
  writeFileSync(join(home, 'achats.csv'), `id_achat,id_client,date_achat,montant,produit\n${rows.join('')}`);
  const server = new Goldstream([home, '--config', config]);
  await server.start();
  try {
    await page.goto(`${server.url}/?lang=en`);
    const bell = page.locator('[data-figure="alerts"]');
    await expect(bell).toHaveText('1', SLOW);
    await bell.click();
    const stopped = page.locator('[data-alert^="sales_drop:"]');
    await expect(stopped).toHaveAttribute('data-alert', /^sales_drop:\d{4}-\d{2}-\d{2}T\d{2}$/);
    await expect(stopped).toContainText(/Sales dropped: .* between \d{2}:00 and \d{2}:00, where the 8 weeks before had €40\.00/);
    await stopped.getByRole('link').click();
    await expect(page).toHaveURL(/page=tendances&from=\d{4}-\d{2}-\d{2}&to=\d{4}-\d{2}-\d{2}/);
  } finally {
    await server.end();
    rmSync(home, { recursive: true, force: true });
  }
});
