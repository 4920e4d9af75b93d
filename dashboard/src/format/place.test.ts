import { expect, test } from 'vitest';
import { placeOf } from './place';

test('a place is a line of a file wherever that is known', () => {
  const row = (position: number): string => `row ${position}`;
  const place = (source: string, line?: number | null): string => placeOf({ source, position: 7, ...(line === undefined ? {} : { line }) }, row);
  expect(place('file:/shop/mai@2/achats.csv@0', 9)).toBe('achats.csv:9');
  expect(place('file:C:\\shop\\achats.csv@12', null)).toBe('achats.csv, row 7');
  expect(place('file:/a.csv@0'), 'of an earlier server').toBe('a.csv, row 7');
  expect(place('bronze.purchases/0', null)).toBe('bronze.purchases/0');
});
