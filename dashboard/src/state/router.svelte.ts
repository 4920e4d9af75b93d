// The view of the browser's address, as one reactive value. The address is the only place where it stands.
import { pageView, readView, writeView, type Page, type View } from './url';

class Router {
  view = $state.raw<View>(readView(location.search));

  constructor() {
    window.addEventListener('popstate', () => (this.view = readView(location.search)));
  }

  /** A step the back button undoes. */
  go(page: Page, changes: Partial<View> = {}): void {
    this.write({ ...pageView(this.view, page), ...changes }, 'pushState');
    window.scrollTo(0, 0);
  }

  /** A setting within the page; typing a search makes no history. */
  set(changes: Partial<View>): void {
    this.write({ ...this.view, ...changes }, 'replaceState');
  }

  href(page: Page, changes: Partial<View> = {}): string {
    return writeView({ ...pageView(this.view, page), ...changes });
  }

  private write(view: View, how: 'pushState' | 'replaceState'): void {
    this.view = view;
    history[how](null, '', writeView(view));
  }
}

export const router = new Router();
