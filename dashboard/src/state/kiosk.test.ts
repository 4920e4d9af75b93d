// The page on a wall.
import { expect, it } from 'vitest';
import { partsOf, turnOf } from './kiosk';
import { DEFAULTS, PAGES, pageView, readView, writeView, type Page } from './url';

it('shows every page in its turn, round and round, and back', () => {
  let page: Page = 'accueil';
  const seen = PAGES.map(() => (page = turnOf(page, 1)));
  expect([...seen].sort()).toEqual([...PAGES].sort());
  expect(page).toBe('accueil');
  expect(turnOf('accueil', -1)).toBe('performances');
});

it('shows a long page in a few parts', () => {
  expect([100, 1000, 1100, 1200, 2000, 9000].map((height) => partsOf(height, 1000))).toEqual([1, 1, 1, 2, 2, 3]);
});

it('is asked for by the address, at a pace that can be read', () => {
  expect([readView('?kiosk').kiosk, readView('?kiosk=45').kiosk, readView('?kiosk=1').kiosk, readView('?kiosk=99999').kiosk, readView('?kiosk=soon').kiosk, readView('').kiosk]).toEqual([20, 45, 5, 3600, 20, 0]);
  expect(readView(writeView({ ...DEFAULTS, kiosk: 45 }).slice(1)).kiosk).toBe(45);
  expect(pageView({ ...DEFAULTS, kiosk: 45 }, 'pays').kiosk).toBe(45);
});

it('shows no names, whatever the address says', () => {
  expect(readView('?kiosk&names=true').names).toBe(false);
});
