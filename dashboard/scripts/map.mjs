// Writes src/charts/map/world.json: the outlines of the world's countries, drawn flat, and a point for each. They are
// Natural Earth's 1:110m (public domain, from world-atlas) in the projection Equal Earth, whose areas are true: none
// looks larger than it is. Run it by `npm run map`; a test holds the file against what it says to `-`.
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from 'd3-geo';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { feature } from 'topojson-client';

const require = createRequire(import.meta.url);
const countries = require('i18n-iso-countries');
const OUTPUT = fileURLToPath(new URL('../src/charts/map/world.json', import.meta.url));
/** Finer than a screen shows, and whole numbers, which are short. */
const WIDTH = 2000;
const MARGIN = 10;
/** Nobody lives there, and it would take a fifth of the height. */
const LEFT_OUT = ['AQ'];

/** Longitude and latitude of those that no atlas of these draws apart. */
const POINTS = {
  BQ: [-68.26, 12.2], BV: [3.36, -54.42], CC: [96.83, -12.16], CX: [105.63, -10.49], GI: [-5.35, 36.14], GP: [-61.55, 16.2], MQ: [-61.02, 14.64],
  RE: [55.53, -21.13], SJ: [16, 78.6], TK: [-171.85, -9.2], TV: [179.19, -8.52], UM: [166.65, 19.28], YT: [45.15, -12.8],
};

const atlas = (scale) => {
  const world = JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${scale}.json`), 'utf8'));
  return feature(world, world.objects.countries).features.map(({ id, properties, geometry }) => ({ code: codeOf(id, properties.name), geometry }));
};

/** Natural Earth numbers its countries as ISO does; Kosovo has no number, and two regions no code. */
function codeOf(id, name) {
  if (name === 'Kosovo') return 'XK';
  return id === undefined ? null : (countries.numericToAlpha2(id) ?? null);
}

const polygons = ({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates).map((rings) => ({ type: 'Polygon', coordinates: rings }));
const joined = (parts) => ({ type: 'MultiPolygon', coordinates: parts.map(({ coordinates }) => coordinates) });
const largest = (geometry) => polygons(geometry).reduce((a, b) => (geoArea(b) > geoArea(a) ? b : a));

/** The atlas draws French Guiana as a part of France; ISO, and those who buy there, do not. */
function withGuiana(areas) {
  const isGuiana = (part) => geoCentroid(part)[0] < -40;
  return areas.flatMap((area) => {
    if (area.code !== 'FR') return [area];
    const parts = polygons(area.geometry);
    return [{ code: 'FR', geometry: joined(parts.filter((part) => !isGuiana(part))) }, { code: 'GF', geometry: joined(parts.filter(isGuiana)) }];
  });
}

/** An outline in whole steps from each point to the next. */
function outline(geometry, projection) {
  const rings = [];
  const context = { moveTo: (x, y) => rings.push([[x, y]]), lineTo: (x, y) => rings.at(-1).push([x, y]), closePath: () => undefined };
  geoPath(projection, context)(geometry);
  return rings.map(ringText).join('');
}

function ringText(points) {
  const whole = points.map((point) => point.map(Math.round)).filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1]);
  if (whole.length < 3) return '';
  const step = ([x, y], i) => `${x - whole[i][0]} ${y - whole[i][1]}`;
  return `M${whole[0].join(' ')}l${whole.slice(1).map(step).join(' ')}z`.replaceAll(' -', '-');
}

/** Cut through the Bering Strait, so that no country lies on both edges. */
function flat(all) {
  const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(WIDTH - 2 * MARGIN, all);
  const [x, y] = projection.translate();
  const [[left, top]] = geoPath(projection).bounds(all);
  return projection.translate([x - left + MARGIN, y - top + MARGIN]);
}

/** The file's text. */
function world() {
  const areas = withGuiana(atlas('110m').filter(({ code }) => !LEFT_OUT.includes(code)));
  const known = new Set(areas.map(({ code }) => code));
  const small = [...atlas('50m'), ...atlas('10m')].filter(({ code }) => code !== null && !known.has(code) && !LEFT_OUT.includes(code) && !(code in POINTS) && known.add(code));
  const centres = [...small.map(({ code, geometry }) => [code, geoCentroid(geometry)]), ...Object.entries(POINTS)].sort();
  const all = { type: 'GeometryCollection', geometries: [...areas.map(({ geometry }) => geometry), { type: 'MultiPoint', coordinates: centres.map(([, place]) => place) }] };
  const projection = flat(all);
  const height = Math.ceil(geoPath(projection).bounds(all)[1][1]) + MARGIN;
  const at = (place) => projection(place).map(Math.round);
  const size = (geometry) => Math.round(geoPath(projection).area(geometry));
  const drawn = areas.map(({ code, geometry }) => [code, outline(geometry, projection), ...at(geoCentroid(largest(geometry))), size(largest(geometry))]);
  const points = centres.map(([code, place]) => [code, ...at(place)]);
  const lines = (rows) => rows.map((row) => JSON.stringify(row)).join(',\n');
  return `{"width":${WIDTH},"height":${height},"areas":[\n${lines(drawn)}\n],"points":[\n${lines(points)}\n]}\n`;
}

if (process.argv[2] === '-') process.stdout.write(world());
else writeFileSync(OUTPUT, world());
