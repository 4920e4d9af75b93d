// What a reader has chosen for himself, kept by his browser: language and theme. Where he has chosen none it
// is his browser's language. An address that names another is shown as it says, and changes nothing here.
import { DEFAULTS, type Lang, type Theme, type View } from './url';

export type Own = Pick<View, 'lang' | 'theme'>;

const KEPT_AS = 'goldstream.own';
const LANGS: readonly Lang[] = ['fr', 'en'];
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The first language of the browser that the page speaks; English is what most people read. */
export function langOf(languages: readonly string[]): Lang {
  const known = languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return LANGS.find((lang) => lang === known.find((tag) => LANGS.includes(tag as Lang))) ?? 'en';
}

/** What was kept, as far as it is one of ours; the rest as the browser has it. */
export function readOwn(kept: string | null, languages: readonly string[]): Own {
  const { lang, theme } = parsed(kept);
  return {
    lang: LANGS.find((known) => known === lang) ?? langOf(languages),
    theme: THEMES.find((known) => known === theme) ?? DEFAULTS.theme,
  };
}

function parsed(kept: string | null): { lang?: unknown; theme?: unknown } {
  try {
    const value: unknown = JSON.parse(kept ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

export function own(): Own {
  try {
    return readOwn(localStorage.getItem(KEPT_AS), navigator.languages);
  } catch {
    return readOwn(null, navigator.languages);
  }
}

export function keepOwn({ lang, theme }: Own): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify({ lang, theme } satisfies { lang: Lang; theme: Theme }));
  } catch {
    // A browser that keeps nothing is asked again.
  }
}
