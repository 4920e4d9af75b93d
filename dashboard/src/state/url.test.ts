// The address holds the view, and nothing in it can break the page.
import { expect, it } from 'vitest';
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
