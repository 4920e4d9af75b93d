// Held orders, colours, tints and measurements.
import { expect, it } from 'vitest';
import { assignColours, GREY, PALETTE } from './colours';
import { Held, inHeldOrder } from './held.svelte';
import { Samples } from './samples';
import { Tint } from './tint';

it('holds places while values change', () => {
  const rows = [{ id: 'b', v: 9 }, { id: 'a', v: 5 }, { id: 'new', v: 1 }];
  expect(inHeldOrder(rows, ['a', 'b', 'gone'], (row) => row.id).map((row) => row.id)).toEqual(['a', 'b', 'new']);
});

it('holds the order while pointer or focus is inside, and says that another waits', () => {
  let rows = ['a', 'b'];
  const held = new Held<string>(() => rows, (row) => row);
  held.hold('pointer');
  held.hold('focus');
  rows = ['b', 'a'];
  held.release('pointer');
  expect([held.rows, held.isOutdated]).toEqual([['a', 'b'], true]);
  held.release('focus');
  expect([held.rows, held.isOutdated]).toEqual([['b', 'a'], false]);
});

it('gives the eight largest named countries a colour each', () => {
  const countries = [null, ...'ABCDEFGHI'].map((country) => ({ country, buyers: 1, orders: 1, revenue_cents: 1, average_basket_cents: 1, code: null }));
  const colours = assignColours(countries);
  expect(colours.size).toBe(8);
  expect(colours.get('A')).toBe(PALETTE[0]);
  expect(colours.has(null)).toBe(false);
});

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

it.each([...PALETTE, GREY])('%s stands out by 3:1 from the panels of both themes', (colour) => {
  for (const panel of ['#fffefb', '#191b1f']) {
    const [low, high] = [luminance(colour), luminance(panel)].sort((a, b) => a - b) as [number, number];
    expect((high + 0.05) / (low + 0.05)).toBeGreaterThanOrEqual(3);
  }
});

it('tints a figure once in two seconds, and not when it first appears', () => {
  const tint = new Tint();
  expect([tint.isDue('1', 0), tint.isDue('2', 10), tint.isDue('3', 1500), tint.isDue('3', 3000), tint.isDue('4', 3000)]).toEqual([false, true, false, false, true]);
});

it('tells the spread of a bounded number of samples', () => {
  const samples = new Samples();
  for (let i = 1; i <= 600; i += 1) samples.add(i);
  expect(samples.spread()).toMatchObject({ count: 500, min: 101, max: 600, p50: 350 });
  expect(new Samples().spread()).toBeNull();
});
