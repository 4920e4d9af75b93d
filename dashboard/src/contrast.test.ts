// The tokens of app.css: text can be read on every ground that it stands on, tinted figures included; and those of the map.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TONES } from './charts/map/scale';

const GROUNDS = ['ground', 'panel', 'soft'];
const TEXTS = ['ink', 'muted', 'accent', 'up', 'down'];
/** WCAG 2.2, level AA, for text of any size … */
const RATIO_MIN = 4.5;
/** … and for the large figures of money, and shapes. */
const LARGE = ['gold'];
const LARGE_RATIO_MIN = 3;
/** Areas side by side, each bordered and named in a list, too. */
const TONE_RATIO_MIN = 1.3;

const css = readFileSync('src/app.css', 'utf8');

/** The colours of a block of tokens by name; one that is not there is no colour. */
function tokens(block: string): (name: string) => string {
  const found = new Map(Array.from(block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g), ([, name = '', colour = '']) => [name, colour]));
  return (name) => found.get(name) ?? 'none';
}

function luminance(colour: string): number {
  const part = (at: number): number => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

function ratio(a: string, b: string): number {
  const [one, other] = [luminance(a), luminance(b)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

describe.each([['light', ':root {'], ['dark', ":root[data-theme='dark'] {"]])('in %s', (_, opening) => {
  const from = css.indexOf(opening);
  const colour = tokens(css.slice(from, css.indexOf('}', from)));
  const cases = [...TEXTS.map((text) => ({ text, min: RATIO_MIN })), ...LARGE.map((text) => ({ text, min: LARGE_RATIO_MIN }))];
  for (const { text, min } of cases) {
    for (const ground of GROUNDS) {
      it(`${text} is read on ${ground}`, () => expect(ratio(colour(text), colour(ground))).toBeGreaterThanOrEqual(min));
    }
  }
});

describe.each([['light', ':global(:root) {', ':root {'], ['dark', ":global(:root[data-theme='dark']) {", ":root[data-theme='dark'] {"]])('on the map in %s', (theme, opening, page) => {
  const map = readFileSync('src/pages/CountryMap.svelte', 'utf8');
  const block = (of: string, from: string) => tokens(of.slice(of.indexOf(from), of.indexOf('}', of.indexOf(from))));
  const colour = block(map, opening);
  const tones = Array.from({ length: TONES }, (_, i) => colour(`map-${i}`));

  it('each tone is told from the next without seeing colours', () => {
    const steps = tones.slice(1).map((tone, i) => [luminance(tones[i] ?? ''), luminance(tone)] as const);
    for (const [before, after] of steps) expect(theme === 'light' ? before > after : before < after).toBe(true);
    for (const [i, tone] of tones.slice(1).entries()) expect(ratio(tone, tones[i] ?? '')).toBeGreaterThanOrEqual(TONE_RATIO_MIN);
  });

  it('a country with sales is told from one without, and from the sea, by its border', () => {
    for (const ground of [colour('map-land'), block(css, page)('panel')]) expect(ratio(colour('map-border'), ground)).toBeGreaterThanOrEqual(LARGE_RATIO_MIN);
  });
});
