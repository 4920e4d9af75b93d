// Countries keep one colour on every page: the eight largest when the page was opened, the rest grey.
// Each passes 3:1 on the panels of both themes (proven in colours.test.ts); a label always stands beside it.
import type { Country, Key } from '../api/types';

export const PALETTE = ['#2878B5', '#C27C0E', '#0C8F6B', '#B9608F', '#4A93BF', '#D0581F', '#8A74CE', '#8C8A2B'] as const;
export const GREY = '#85827A';

export function assignColours(countries: readonly Country[]): Map<Key, string> {
  const named = countries.filter((row) => row.country !== null);
  return new Map(PALETTE.flatMap((colour, i) => (named[i] ? [[named[i].country, colour] as const] : [])));
}
