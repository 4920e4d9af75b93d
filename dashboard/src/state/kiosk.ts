// What a page on a wall shows when. Pure.
import { PAGES, type Page } from './url';

/** How many screens of a long page are shown: the end of a long table is of no use from afar. */
const PARTS_MAX = 3;
/** Less is a margin, and no part of its own. */
const REST = 0.15;

/** The page after `page`, or the one before, round and round. */
export function turnOf(page: Page, by: 1 | -1): Page {
  return PAGES[(PAGES.indexOf(page) + by + PAGES.length) % PAGES.length] ?? page;
}

/** In how many parts a page so high is shown on a screen so high, one after another. */
export function partsOf(height: number, screen: number): number {
  return Math.min(PARTS_MAX, Math.max(1, Math.ceil(height / screen - REST)));
}
