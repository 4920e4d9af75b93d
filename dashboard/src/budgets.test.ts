// What a first visit may weigh, measured on what was built.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const KB = 1024;
const BUDGETS_KB = { page: 60, charts: 240, fonts: 50, all: 304, longTable: 11, map: 20, picture: 3, expected: 3 };
const ASSETS = 'dist/assets';
const files = readdirSync(ASSETS);
const zipped = (name: string): number => gzipSync(readFileSync(`${ASSETS}/${name}`), { level: 9 }).length;
/** What is fetched when it is first needed. */
const LATER = /^(engine|expected|notify|others|picture|rowwindow\.svelte|world)-/;
const sum = (names: string[], size: (name: string) => number): number => names.reduce((total, name) => total + size(name), 0) / KB;

describe('a first visit', () => {
  it('needs little script and style', () => {
    expect(sum(files.filter((name) => /\.(js|css)$/.test(name) && !LATER.test(name)), zipped)).toBeLessThan(BUDGETS_KB.page);
  });

  it('loads the charts apart, in one chunk', () => {
    const charts = files.filter((name) => name.startsWith('engine-'));
    expect(charts).toHaveLength(1);
    expect(sum(charts, zipped)).toBeLessThan(BUDGETS_KB.charts);
    expect(readFileSync('dist/index.html', 'utf8')).not.toMatch(/assets\/(engine|expected|notify|others|picture|rowwindow|world)/);
  });

  it('leaves what long tables need to who looks at one', () => {
    const windows = files.filter((name) => name.startsWith('rowwindow'));
    expect(windows).toHaveLength(1);
    expect(sum(windows, zipped)).toBeLessThan(BUDGETS_KB.longTable);
  });

  it.each([['the map', 'world-', BUDGETS_KB.map], ['what makes pictures', 'picture-', BUDGETS_KB.picture], ['what is expected', 'expected-', BUDGETS_KB.expected]])('leaves %s to who wants it', (_, begin, budget) => {
    const chunks = files.filter((name) => name.startsWith(begin));
    expect(chunks).toHaveLength(1);
    expect(sum(chunks, zipped)).toBeLessThan(budget);
  });

  it('weighs in all no more than it ever did', () => {
    const first = files.filter((name) => !/^(expected|notify|others|picture|rowwindow\.svelte|world)-/.test(name));
    expect(sum(first, (name) => (name.endsWith('.woff2') ? readFileSync(`${ASSETS}/${name}`).length : zipped(name)))).toBeLessThan(BUDGETS_KB.all);
  });

  it('loads one small font', () => {
    expect(sum(files.filter((name) => name.endsWith('.woff2')), (name) => readFileSync(`${ASSETS}/${name}`).length)).toBeLessThan(BUDGETS_KB.fonts);
  });

  it('names no other host in the page', () => {
    expect(readFileSync('dist/index.html', 'utf8')).not.toMatch(/(src|href)="https?:/);
  });
});
