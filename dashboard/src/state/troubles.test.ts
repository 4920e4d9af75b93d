// Troubles and inputs as the status tells them.
import { expect, it } from 'vitest';
import type { Input } from '../api/types';
import { byNeed, readingPercent, sourceName, troublesOf } from './troubles';

const input = (source: string, state: Input['state'], size_bytes = 10, read_bytes = 10): Input => ({ source, state, detail: null, warnings: [], rows: 1, read_bytes, size_bytes });

it('calls a file by its last name, and what is no file by its own', () => {
  expect(['file:/shop/achats.csv', 'file:C:\\shop\\achats.csv', 'file:/shop/', '-'].map(sourceName)).toEqual(['achats.csv', 'achats.csv', 'shop', '-']);
});

it('tells inputs that stand still from those that wait, and both from the rest', () => {
  const inputs = [input('file:/a.csv', 'failing'), input('file:/b.csv', 'open_quote')];
  const troubles = { 'input file:/a.csv': 'file:/a.csv: no header', 'input file:/b.csv': 'a quote is open', log: 'away' };
  expect(troublesOf({ inputs, troubles })).toEqual([
    { key: 'input file:/a.csv', name: 'a.csv', kind: 'input', why: 'no header' },
    { key: 'input file:/b.csv', name: 'b.csv', kind: 'quote', why: 'a quote is open' },
    { key: 'log', name: 'log', kind: 'other', why: 'away' },
  ]);
  expect(troublesOf(undefined)).toEqual([]);
});

it('says why there are no figures, once, beside what the last status told', () => {
  const troubles = { revenue: 'revenue would pass 2^53 cents', log: 'away' };
  const all = troublesOf({ inputs: [], troubles }, 'revenue would pass 2^53 cents');
  expect(all.map(({ key }) => key)).toEqual(['revenue', 'log']);
  expect(troublesOf(undefined, 'why').map(({ why }) => why)).toEqual(['why']);
});

it('has inputs in trouble first, then those with most to read', () => {
  const all = [input('d', 'following'), input('c', 'reading', 10, 9), input('b', 'reading', 10, 1), input('a', 'failing')];
  expect(byNeed(all).map(({ source }) => source)).toEqual(['a', 'b', 'c', 'd']);
});

it('tells how much is read of the files that are read for the first time', () => {
  expect(readingPercent([])).toBeNull();
  expect(readingPercent([input('file:/a', 'following', 10, 5)])).toBeNull();
  expect(readingPercent([input('file:/a', 'reading', 100, 63), input('file:/b', 'following', 1000, 0)])).toBe(63);
  expect(readingPercent([input('file:/a', 'reading', 300, 299), input('file:/b', 'reading', 0, 0)])).toBe(99);
  expect(readingPercent([input('file:/a', 'reading', 0, 0)])).toBe(0);
});
