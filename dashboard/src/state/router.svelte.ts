// The view of the browser's address, as one reactive value. The address is the only place where it stands.
import { keepOwn, langOf, own } from './own';
import { DEFAULTS, pageView, readView, writeView, type Page, type View } from './url';

const BROWSERS = langOf(navigator.languages);

class Router {
  /** What an address leaves out. */
  private own: View = { ...DEFAULTS, ...own() };
  view = $state.raw<View>(readView(location.search, this.own));

  constructor() {
    window.addEventListener('popstate', () => (this.view = readView(location.search, this.own)));
  }

  /** A step the back button undoes. */
  go(page: Page, changes: Partial<View> = {}): void {
    this.write({ ...pageView(this.view, page), ...changes }, 'pushState');
    window.scrollTo(0, 0);
  }

  /** Another page that nobody chose, and no step of his. */
  turn(page: Page): void {
    this.write(pageView(this.view, page), 'replaceState');
  }

  /** A step within the page that the back button undoes: an order, a filter, a range, a page of a table. */
  step(changes: Partial<View>): void {
    this.write({ ...this.view, ...changes }, 'pushState');
  }

  /** A search that is typed is one step, however many letters it has. */
  search(q: string): void {
    this.write({ ...this.view, q, p: 1 }, this.view.q === '' || q === '' ? 'pushState' : 'replaceState');
  }

  /** A setting of the reader's own, which makes no history. */
  set(changes: Partial<View>): void {
    this.keep(changes);
    this.write({ ...this.view, ...changes }, 'replaceState');
  }

  /** The address of a step within the page. */
  here(changes: Partial<View>): string {
    return writeView({ ...this.view, ...changes }, BROWSERS);
  }

  href(page: Page, changes: Partial<View> = {}): string {
    return writeView({ ...pageView(this.view, page), ...changes }, BROWSERS);
  }

  /** What a reader chooses for himself is his on the next visit, too. */
  private keep({ lang, theme }: Partial<View>): void {
    if (lang === undefined && theme === undefined) return;
    this.own = { ...this.own, ...(lang && { lang }), ...(theme && { theme }) };
    keepOwn(this.own);
  }

  private write(view: View, how: 'pushState' | 'replaceState'): void {
    this.view = view;
    history[how](null, '', writeView(view, BROWSERS));
  }
}

export const router = new Router();
