// Every page as the binary holds it, in both themes, wide and at 360 px. Without PICTURES_DIR only the documentation's are taken.
import { test, type Page } from '@playwright/test';
import { PAGES } from '../src/state/url';
import type { Accounting } from '../src/api/types';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';

const ALL = process.env['PICTURES_DIR'];
const THEMES = ['light', 'dark'] as const;
const SHOPS = { retail: [ONLINE_RETAIL], demo: ['--demo'] };

async function settle(page: Page): Promise<void> {
  await page.locator('[data-standing=live]').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.skeleton').length === 0);
  await page.evaluate(() => document.fonts.ready);
  // Charts are drawn once they are there and their bars have grown.
  await page.waitForFunction(() => [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('path')));
  await page.waitForTimeout(1500);
}

async function take(page: Page, url: string, query: string, file: string, isWhole: boolean): Promise<void> {
  await page.goto(`${url}/?${query}`);
  await settle(page);
  await page.screenshot({ path: file, fullPage: isWhole });
}

for (const [shop, args] of Object.entries(SHOPS)) {
  test(`pictures of ${shop}`, async ({ page }) => {
    const server = await new Goldstream(args).start();
    try {
      // Ready is not yet counted: the files may still be read.
      if (shop === 'retail') await server.until('through its files', async () => (await server.json<Accounting>('/api/v1/accounting')).accepted_purchases === expectedGold().summary.orders);
      for (const theme of THEMES) {
        for (const name of PAGES) {
          const query = `page=${name}&theme=${theme}`;
          await page.setViewportSize({ width: 1440, height: 900 });
          if (ALL) await take(page, server.url, query, `${ALL}/${shop}-${name}-${theme}.png`, true);
          else if (shop === 'retail' && (name === 'accueil' || theme === 'light')) await take(page, server.url, query, `../docs/pictures/${name}-${theme}.png`, false);
          await page.setViewportSize({ width: 360, height: 780 });
          if (ALL) await take(page, server.url, query, `${ALL}/${shop}-${name}-${theme}-360.png`, true);
        }
      }
    } finally {
      await server.end();
    }
  });
}
