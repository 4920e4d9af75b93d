// The address holds the view, and nothing in it can break the page.
import { expect, it } from 'vitest';
import { langOf, readOwn } from './own';
import { DEFAULTS, pageView, readView, writeView } from './url';

it('reads what it wrote', () => {
  const view = { ...DEFAULTS, page: 'clients', n: 100, country: 'Côte d’Ivoire & co', q: 'a=b', names: true, theme: 'dark' } as const;
  expect(readView(writeView(view).slice(1))).toEqual(view);
});

it('is plain where nothing was chosen', () => {
  expect(writeView(DEFAULTS)).toBe('/');
  expect(readView('')).toEqual(DEFAULTS);
});

it('leaves out what is unknown', () => {
  expect(readView('?page=x&n=7&p=-3&sort=1;drop&theme=red&from=soon&range=3')).toEqual(DEFAULTS);
});

it('begins another page plainly and keeps the reader’s settings', () => {
  const next = pageView({ ...DEFAULTS, lang: 'en', q: 'x', p: 4 }, 'pays');
  expect(next).toEqual({ ...DEFAULTS, lang: 'en', page: 'pays' });
});

it('leaves to each reader what is his own', () => {
  const own = { ...DEFAULTS, lang: 'en', theme: 'dark' } as const;
  expect(readView('?page=pays', own)).toEqual({ ...own, page: 'pays' });
  // Those to whom the address is sent see what its sender sees.
  expect(writeView({ ...own, page: 'pays' }, 'en')).toBe('/?page=pays&theme=dark');
  expect(writeView({ ...own, lang: 'fr' }, 'en')).toBe('/?lang=fr&theme=dark');
  expect(readView('?lang=fr', own).lang).toBe('fr');
});

it('speaks the language of the browser until another is chosen', () => {
  expect(langOf(['fr-CA', 'en'])).toBe('fr');
  expect(langOf(['en-US', 'fr'])).toBe('en');
  expect(langOf(['de-DE', 'fr-FR', 'en'])).toBe('fr');
  expect(langOf(['de'])).toBe('en');
  expect(langOf([])).toBe('en');
  expect(readOwn('{"lang":"en","theme":"dark","currency":"GBP"}', ['fr'])).toEqual({ lang: 'en', theme: 'dark' });
  for (const kept of [null, '', 'null', '7', '{"lang":"xx","theme":3}', '{']) {
    expect(readOwn(kept, ['fr-FR'])).toEqual({ lang: 'fr', theme: 'system' });
  }
});
