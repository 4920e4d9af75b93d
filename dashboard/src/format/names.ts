// Text of strangers made fit for the screen: names, paths and sentences may be of any length and hold any sign. Pure.

/** What one cell shows of a name, and what its title does. The whole stands in the CSV. */
export const SHOWN_MAX = 320;
export const TITLE_MAX = 2000;
/** From here on a table breaks a text inside its cell. */
export const LONG_MIN = 60;
/** A name inside a sentence of ours. */
export const SPOKEN_MAX = 80;

/** Signs that move the cursor or turn the direction of what follows them. */
const UNRULY = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const FIRST_OF_PAIR = /[\ud800-\udbff]$/;

/** The beginning of a text, marked where it was cut; no sign is cut in two. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(FIRST_OF_PAIR, '')}…`;
}

/** A name as a cell, a title or a sentence shows it. */
export const shownName = (name: string): string => tame(cut(name, SHOWN_MAX));
export const titleName = (name: string): string => tame(cut(name, TITLE_MAX));
export const spokenName = (name: string): string => tame(cut(name, SPOKEN_MAX));

/** The same text, unruly signs as a mark that can be seen. */
export const tame = (text: string): string => text.replaceAll(UNRULY, '\ufffd');
