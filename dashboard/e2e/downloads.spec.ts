// Each chart, and the map, can be had as a picture: points for a letter, shapes for print.
import { readFileSync } from 'node:fs';
import { Goldstream, ONLINE_RETAIL } from './goldstream';
import { expectedGold } from './recorded';
import { expect, test } from './watch';

const PAGES_WITH_CHARTS = ['accueil', 'clients', 'produits', 'tendances', 'pays', 'performances'] as const;
const PNG_SIGNATURE = '89504e470d0a1a0a';
const server = new Goldstream([ONLINE_RETAIL]);
test.beforeAll(async () => {
  await server.start();
  await server.counted(expectedGold().summary.orders);
});
test.afterAll(() => server.end());

/** Width and height of a PNG stand behind its signature and the name of its first part. */
const sizeOf = (png: Buffer): [number, number] => [png.readUInt32BE(16), png.readUInt32BE(20)];

for (const name of PAGES_WITH_CHARTS) {
  test(`every chart of ${name} is saved as PNG and as SVG`, async ({ page }) => {
    await page.goto(`${server.url}/?page=${name}`);
    await expect(page.locator('[data-standing="live"]')).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
    for (const chart of await page.locator('.chart').all()) {
      await chart.scrollIntoViewIfNeeded();
      await expect(chart.locator('path').first()).toBeAttached();
    }
    const saved = async (button: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).first().click()]);
      return { file: readFileSync(await download.path()), name: download.suggestedFilename() };
    };
    const buttons = await page.getByRole('button', { name: /^SVG : / }).evaluateAll((all) => all.map((button) => button.getAttribute('aria-label') ?? ''));
    expect(buttons.length).toBeGreaterThan(0);
    expect(buttons).toHaveLength(await page.getByRole('button', { name: /^CSV : / }).count());
    for (const button of buttons) {
      const title = button.slice('SVG : '.length);
      const svg = await saved(button);
      expect(svg.name).toMatch(/^[\p{Ll}\p{N}-]+\.svg$/u);
      const read = await page.evaluate((text) => {
        const { documentElement: root } = new DOMParser().parseFromString(text, 'image/svg+xml');
        const [x = 0, y = 0, width = 0, height = 0] = (root.getAttribute('viewBox') ?? '').split(' ').map(Number);
        const places = [...root.querySelectorAll(':scope > text')].map((word) => [Number(word.getAttribute('x')), Number(word.getAttribute('y'))] as const);
        const isInside = places.every(([left, top]) => left >= x && left <= x + width && top >= y && top <= y + height);
        return { kind: root.nodeName, title: root.querySelector('title')?.textContent, words: root.textContent ?? '', shapes: root.querySelectorAll('path, rect, circle').length, isInside, foreign: root.querySelectorAll('foreignObject, image, script, [class], [href]').length, size: [width, height] };
      }, svg.file.toString());
      expect(read).toMatchObject({ kind: 'svg', title, isInside: true, foreign: 0 });
      expect(read.words.replaceAll(/\s/g, '')).toContain(title.replaceAll(/\s/g, ''));
      expect(read.shapes, title).toBeGreaterThan(1);
      const png = await saved(button.replace('SVG', 'PNG'));
      expect(png.name).toBe(svg.name.replace(/svg$/, 'png'));
      expect(png.file.subarray(0, 8).toString('hex')).toBe(PNG_SIGNATURE);
      const [width, height] = sizeOf(png.file);
      // Figures move meanwhile, and an age is a word more or less.
      expect(Math.abs(width - 2 * (read.size[0] ?? 0))).toBeLessThan(100);
      expect(Math.abs(height - 2 * (read.size[1] ?? 0))).toBeLessThan(100);
      // More than one colour: a picture whose drawing failed is empty.
      const colours = await page.evaluate(async (base64) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        return new Set(new Uint32Array(context?.getImageData(0, 0, image.width, image.height).data.buffer ?? new ArrayBuffer())).size;
      }, png.file.toString('base64'));
      expect(colours, title).toBeGreaterThan(8);
    }
  });
}

test('of a table there is no picture, and of the chart behind it there is one again', async ({ page }) => {
  await page.goto(`${server.url}/?page=pays`);
  const title = 'Chiffre d’affaires par pays';
  await page.getByRole('button', { name: `En tableau : ${title}` }).click();
  await expect(page.getByRole('button', { name: `PNG : ${title}` })).toHaveCount(0);
  await page.getByRole('button', { name: `En graphique : ${title}` }).click();
  await expect(page.getByRole('button', { name: `PNG : ${title}` })).toBeVisible();
});
