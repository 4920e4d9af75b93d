// The state of the view as it stands in the query string of `/`. Reading never fails: what is unknown is left
// out. Must not touch the browser's history.

export const PAGES = ['accueil', 'clients', 'produits', 'tendances', 'pays', 'performances'] as const;
export type Page = (typeof PAGES)[number];
export const SIZES = [10, 50, 100, 500, 1000] as const;
export type Lang = 'fr' | 'en';
export type Theme = 'system' | 'light' | 'dark';

export interface View {
  page: Page;
  /** Rows of a table on one page. */
  n: number;
  /** Which page of the table, from 1. */
  p: number;
  country: string;
  q: string;
  sort: string;
  customer: string;
  from: string;
  to: string;
  range: string;
  /** Which figure the map of countries shows. */
  map: string;
  names: boolean;
  /** For how many seconds each page is shown on a wall; 0 is no wall. */
  kiosk: number;
  lang: Lang;
  theme: Theme;
}

export const DEFAULTS: View = {
  page: 'accueil',
  n: 50,
  p: 1,
  country: '',
  q: '',
  sort: '',
  customer: '',
  from: '',
  to: '',
  range: 'all',
  map: '',
  names: false,
  kiosk: 0,
  lang: 'fr',
  theme: 'system',
};

export const KIOSK_S = 20;

function oneOf<T>(values: readonly T[], value: unknown, otherwise: T): T {
  return values.find((known) => String(known) === value) ?? otherwise;
}

/** What the address leaves out is the reader's own. */
export function readView(query: string, own: View = DEFAULTS): View {
  const got = new URLSearchParams(query);
  const text = (name: keyof View): string => got.get(name) ?? '';
  const day = (name: 'from' | 'to'): string => (/^\d{4}-\d{2}-\d{2}$/.test(text(name)) ? text(name) : '');
  return {
    page: oneOf(PAGES, text('page'), DEFAULTS.page),
    n: oneOf(SIZES, text('n'), DEFAULTS.n as (typeof SIZES)[number]),
    p: Math.max(1, Math.floor(Number(text('p'))) || 1),
    country: text('country'),
    q: text('q'),
    sort: /^-?[a-z_]+$/.test(text('sort')) ? text('sort') : '',
    customer: text('customer'),
    from: day('from'),
    to: day('to'),
    range: oneOf(['7', '30', '90', '365', 'all', 'whole'], text('range'), DEFAULTS.range),
    map: oneOf(['buyers', 'average_basket_cents'], text('map'), DEFAULTS.map),
    // Whoever passes by a wall is to see no names.
    names: text('names') === 'true' && !got.has('kiosk'),
    kiosk: got.has('kiosk') ? Math.min(3600, Math.max(5, Math.floor(Number(text('kiosk'))) || KIOSK_S)) : 0,
    lang: oneOf<Lang>(['fr', 'en'], text('lang'), own.lang),
    theme: oneOf<Theme>(['system', 'light', 'dark'], text('theme'), own.theme),
  };
}

/** Only what differs from the defaults, so that a plain address stays plain. Of the language that is the browser's:
    what was chosen stands in the address, and is what others see to whom it is sent. */
export function writeView(view: View, lang: Lang = DEFAULTS.lang): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(DEFAULTS) as (keyof View)[]) {
    if (view[name] !== (name === 'lang' ? lang : DEFAULTS[name])) query.set(name, String(view[name]));
  }
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** Another page begins plainly, with the reader's own settings kept. */
export function pageView(from: View, page: Page): View {
  return { ...DEFAULTS, lang: from.lang, theme: from.theme, names: from.names, kiosk: from.kiosk, page };
}
