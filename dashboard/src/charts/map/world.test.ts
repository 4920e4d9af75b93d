// The map's file is what its script makes of the atlas, and every country has one place in it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HEIGHT, WIDTH, worldOf } from './world';
import file from './world.json';

const { areas: AREAS, points: POINTS, places: PLACES } = worldOf(file);

const CODES = readFileSync('../api/src/countries/names.tsv', 'utf8').trimEnd().split('\n').map((line) => line.slice(0, 2));

it('is what the script makes of the atlas', () => {
  const made = execFileSync('node', ['scripts/map.mjs', '-'], { encoding: 'utf8' });
  expect(made === readFileSync('src/charts/map/world.json', 'utf8'), 'src/charts/map/world.json is older than its atlas: run `npm run map`').toBe(true);
});

it('has one place for every country that the server knows, but for Antarctica', () => {
  expect(CODES.filter((code) => !PLACES.has(code))).toEqual(['AQ']);
  const codes = [...AREAS.flatMap(({ code }) => code ?? []), ...POINTS.map(({ code }) => code)];
  expect(codes.filter((code) => !CODES.includes(code))).toEqual([]);
  expect(new Set(codes).size).toBe(codes.length);
});

it('lies within its edges', () => {
  expect([file.width, file.height]).toEqual([WIDTH, HEIGHT]);
  for (const { x, y, code } of [...AREAS, ...POINTS]) expect([code, x > 0 && x < WIDTH, y > 0 && y < HEIGHT]).toEqual([code, true, true]);
});

it('has countries where they are: north above south, west left of east', () => {
  const at = (code: string) => [...AREAS, ...POINTS].find((place) => place.code === code) ?? { x: NaN, y: NaN };
  expect(at('NO').y).toBeLessThan(at('ZA').y);
  expect(at('US').x).toBeLessThan(at('FR').x);
  expect(at('FR').x).toBeLessThan(at('JP').x);
  expect(Math.hypot(at('GF').x - at('SR').x, at('GF').y - at('SR').y)).toBeLessThan(40);
  expect(Math.hypot(at('MT').x - at('IT').x, at('MT').y - at('IT').y)).toBeLessThan(60);
});
