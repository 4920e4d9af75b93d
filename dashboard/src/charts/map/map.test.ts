// Places, tones and the part of the map that is seen.
import { describe, expect, it, vi } from 'vitest';
import type { Country } from '../../api/types';
import { europe, kept, middle, moved, showing, WHOLE, zoomed } from './frame';
import { Grip } from './grip';
import { MAP_MESSAGES } from './messages';
import { placed, valueOf } from './places';
import { scaleOf, TONES, toneOf } from './scale';
import { HEIGHT, WIDTH } from './world';
import { placeholders } from '../../format/fill';

const country = (name: string | null, code: string | null, revenue_cents: number, orders = 1): Country => ({ country: name, code, revenue_cents, orders, buyers: 1, average_basket_cents: revenue_cents });
const known = (code: string): boolean => code !== 'AQ';

describe('the places of rows', () => {
  const rows = [country('UK', 'GB', 100, 3), country('England', 'GB', 50, 1), country('France', 'FR', 7), country('Unspecified', null, 5), country('Antarctica', 'AQ', 3), country(null, null, 2)];
  const { places, others } = placed(rows, known);

  it('are one for each code, whatever it is called', () => {
    expect(places).toEqual([
      { code: 'GB', names: ['UK', 'England'], revenue_cents: 150, orders: 4, buyers: 2 },
      { code: 'FR', names: ['France'], revenue_cents: 7, orders: 1, buyers: 1 },
    ]);
  });

  it('and the rows without one are all of them', () => {
    expect(others.map((row) => row.country)).toEqual(['Unspecified', 'Antarctica', null]);
    const sum = (of: readonly { revenue_cents: number }[]) => of.reduce((all, row) => all + row.revenue_cents, 0);
    expect(sum(places) + sum(others)).toBe(sum(rows));
  });

  it('have the average of all their orders, halves to even', () => {
    const average = (revenue_cents: number, orders: number) => valueOf({ revenue_cents, orders, buyers: 1 }, 'average_basket_cents');
    expect([average(150, 4), average(5, 2), average(7, 2), average(10, 3), average(11, 3), average(0, 0)]).toEqual([38, 2, 4, 3, 4, null]);
  });
});

describe('tones', () => {
  it('grow by factors where one value dwarfs the others, and each is of some country', () => {
    const values = [728_502_400, 28_544_600, 26_526_200, 6_647_000, 3_000_000, 700_000, 100_000, 14_500];
    const scale = scaleOf(values);
    expect(scale.isLog).toBe(true);
    expect(scale.bounds).toEqual([100_000, 500_000, 5_000_000, 20_000_000, 100_000_000]);
    expect(new Set(values.map((value) => toneOf(value, scale))).size).toBeGreaterThan(4);
  });

  it('grow by sums where values are alike', () => {
    expect(scaleOf([10, 40, 55, 60])).toEqual({ bounds: [20, 30, 40, 50], isLog: false });
  });

  it('are few, in order, and hold every value', () => {
    for (const values of [[], [0], [5], [5, 5, 5], [1, 1_000_000], [0, 3, 9_999_999_999], Array.from({ length: 250 }, (_, i) => (i + 1) ** 3)]) {
      const scale = scaleOf(values);
      expect(scale.bounds.length).toBeLessThan(TONES);
      expect(scale.bounds).toEqual([...new Set(scale.bounds)].sort((a, b) => a - b));
      for (const value of values) expect(toneOf(value, scale)).toBeLessThan(TONES);
      const tones = [...values].sort((a, b) => a - b).map((value) => toneOf(value, scale));
      expect(tones).toEqual([...tones].sort((a, b) => a - b));
    }
  });
});

describe('the frame', () => {
  it('keeps the point in its place that it is zoomed about', () => {
    const about = { x: 1500, y: 300 };
    const near = zoomed(WHOLE, 4, about);
    expect((about.x - near.x) * near.zoom).toBeCloseTo(about.x);
    expect((about.y - near.y) * near.zoom).toBeCloseTo(about.y);
    expect(zoomed(near, 1 / 4, about)).toEqual(WHOLE);
  });

  it('never leaves the map', () => {
    expect(moved(WHOLE, 500, 500)).toEqual(WHOLE);
    expect(moved(zoomed(WHOLE, 2, middle(WHOLE)), 9999, -9999)).toEqual({ x: WIDTH / 2, y: 0, zoom: 2 });
    expect(kept({ x: -5, y: HEIGHT, zoom: 1000 }).zoom).toBeLessThan(1000);
  });

  it('goes where a country is, and stays where it is seen already', () => {
    const near = zoomed(WHOLE, 8, { x: 100, y: 100 });
    expect(showing(near, middle(near))).toEqual(near);
    const other = showing(near, { x: 1900, y: 800 });
    expect([1900 > other.x && 1900 < other.x + WIDTH / 8, 800 > other.y && 800 < other.y + HEIGHT / 8]).toEqual([true, true]);
    expect(europe().zoom).toBeGreaterThan(3);
  });
});

describe('pointers', () => {
  const at = (pointerId: number, clientX: number, clientY = 0, pointerType = 'touch') => ({ pointerId, pointerType, clientX, clientY });

  it('move the map by one and pull it by two', () => {
    const acts = { hold: vi.fn(), move: vi.fn(), pinch: vi.fn() };
    const grip = new Grip(acts);
    grip.taken(at(1, 0), true);
    grip.moved(at(1, 2));
    expect([grip.hasMoved, acts.move.mock.calls.length]).toEqual([false, 0]);
    grip.moved(at(1, 10));
    expect(acts.hold).toHaveBeenCalledExactlyOnceWith(1);
    expect(acts.move).toHaveBeenCalledWith(-8, 0);
    grip.taken(at(2, 110), true);
    grip.moved(at(2, 210));
    expect(acts.pinch).toHaveBeenCalledWith(2, { clientX: 110, clientY: 0 });
    grip.let(at(1, 0));
    grip.let(at(2, 0));
    grip.moved(at(2, 500));
    expect(acts.move).toHaveBeenCalledTimes(1);
  });

  it('of a mouse move nothing where there is nothing to move to', () => {
    const acts = { hold: vi.fn(), move: vi.fn(), pinch: vi.fn() };
    const grip = new Grip(acts);
    grip.taken(at(1, 0, 0, 'mouse'), false);
    grip.moved(at(1, 100, 0, 'mouse'));
    expect(acts.move).not.toHaveBeenCalled();
  });
});

it('says the same in both languages', () => {
  const shapes = (of: Record<string, string>) => Object.entries(of).map(([key, text]) => `${key}: ${placeholders(text).join(', ')}`);
  expect(shapes(MAP_MESSAGES.en)).toEqual(shapes(MAP_MESSAGES.fr));
});
