// Many updates leave the page as light as it was. SOAK_MINUTES=10 for the long one.
import { chromium } from './chromium';
import { PAGES } from '../src/state/url';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 0.5);
const MOST_GROWTH = 1.1;
const WARM_ROUNDS = 2;
const COLLECTIONS = 10;

// The machine code that V8 makes on the way lies in the same heap, for minutes, and is no weight of the page.
const ONLY_DATA = '--js-flags=--expose-gc --no-opt --no-maglev --no-sparkplug';
test.use({ launchOptions: { executablePath: chromium(), args: ['--no-sandbox', '--disable-features=LocalNetworkAccessChecks', '--enable-precise-memory-info', ONLY_DATA] } });

test('the heap grows less than a tenth', async ({ page }) => {
  test.setTimeout((MINUTES + 3) * 60_000);
  const server = await new Goldstream(['--demo']).start();
  const round = async () => {
    for (const [i] of PAGES.entries()) {
      await page.keyboard.press(String(i + 1));
      await page.waitForTimeout(1500);
    }
    await page.keyboard.press('1');
  };
  /** Weighed while paused: a frame on its way is no growth. */
  const heap = async () => {
    await page.keyboard.press('p');
    await expect(page.locator('[data-standing="paused"]')).toBeVisible();
    const bytes = await page.evaluate(async (collections) => {
      // Again and again with a turn between: V8 lets go of what was only needed once after some collections.
      for (let i = 0; i < collections; i += 1) {
        (window as unknown as { gc(): void }).gc();
        await new Promise((done) => setTimeout(done, 200));
      }
      return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
    }, COLLECTIONS);
    await page.keyboard.press('p');
    await expect(page.locator('[data-standing="live"]')).toBeVisible();
    return bytes;
  };
  try {
    await page.goto(server.url);
    // What is loaded once, the charts above all, is no growth.
    for (let i = 0; i < WARM_ROUNDS; i += 1) await round();
    const before = await heap();
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; ) await round();
    const after = await heap();
    test.info().annotations.push({ type: 'heap', description: `${before} → ${after} bytes` });
    expect(after).toBeLessThan(before * MOST_GROWTH);
  } finally {
    await server.end();
  }
});
