// The tokens of app.css: text can be read on every ground that it stands on, tinted figures included.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const GROUNDS = ['ground', 'panel', 'soft'];
const TEXTS = ['ink', 'muted', 'accent', 'up', 'down'];
/** WCAG 2.2, level AA, for text of any size … */
const RATIO_MIN = 4.5;
/** … and for the large figures of money, and shapes. */
const LARGE = ['gold'];
const LARGE_RATIO_MIN = 3;

const css = readFileSync('src/app.css', 'utf8');

/** The colours of a block of tokens by name; one that is not there is no colour. */
function tokens(block: string): (name: string) => string {
  const found = new Map(Array.from(block.matchAll(/--([a-z]+): (#[0-9a-f]{6});/g), ([, name = '', colour = '']) => [name, colour]));
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
