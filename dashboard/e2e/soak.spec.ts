// Many updates leave the page as light as it was. SOAK_MINUTES=10 for the long one.
import { PAGES } from '../src/state/url';
import { Goldstream } from './goldstream';
import { expect, test } from './watch';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 0.5);
const MOST_GROWTH = 1.1;

test('the heap grows less than a tenth', async ({ page }) => {
  test.setTimeout((MINUTES + 3) * 60_000);
  const server = await new Goldstream(['--demo']).start();
  try {
    const heap = () => page.evaluate(() => {
      (window as unknown as { gc(): void }).gc();
      return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
    });
    const round = async () => {
      for (const [i] of PAGES.entries()) {
        await page.keyboard.press(String(i + 1));
        await page.waitForTimeout(1500);
      }
      await page.keyboard.press('1');
    };
    await page.goto(server.url);
    // What is loaded once, the charts above all, is no growth.
    await round();
    await round();
    const before = await heap();
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; ) await round();
    expect(await heap()).toBeLessThan(before * MOST_GROWTH);
  } finally {
    await server.end();
  }
});
