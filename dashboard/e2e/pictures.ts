// Every page in both themes and languages, from a phone to a wall. Without PICTURES_DIR only the documentation's are taken.
import { test, type Page } from '@playwright/test';
import { PAGES } from '../src/state/url';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';
import { pageOnDisk } from './watch';

const ALL = process.env['PICTURES_DIR'];
const THEMES = ['light', 'dark'] as const;
const LANGS = ['fr', 'en'] as const;
const WIDTHS = [360, 1024, 1440, 3840] as const;
const HEIGHT = 900;
const USUAL = 1440;
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

async function takeAll(page: Page, url: string, file: string, query: string): Promise<void> {
  for (const lang of LANGS) {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      await take(page, url, `${query}&lang=${lang}`, `${file}-${lang}-${width}.png`, true);
    }
  }
}

for (const [shop, args] of Object.entries(SHOPS)) {
  test(`pictures of ${shop}`, async ({ page }) => {
    await pageOnDisk(page.context());
    const server = await new Goldstream(args).start();
    try {
      // Ready is not yet counted: the files may still be read.
      if (shop === 'retail') await server.counted(expectedGold().summary.orders);
      for (const theme of THEMES) {
        for (const name of PAGES) {
          if (ALL) await takeAll(page, server.url, `${ALL}/${shop}-${name}-${theme}`, `page=${name}&theme=${theme}`);
          else if (shop === 'retail' && (name === 'accueil' || theme === 'light')) {
            await page.setViewportSize({ width: USUAL, height: HEIGHT });
            await take(page, server.url, `page=${name}&theme=${theme}`, `../docs/pictures/${name}-${theme}.png`, false);
          }
        }
      }
    } finally {
      await server.end();
    }
  });
}
