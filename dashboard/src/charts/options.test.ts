// Plots as ECharts' options.
import { expect, it } from 'vitest';
import { optionOf } from './options';
import type { Plot, Tokens } from './plot';

const tokens: Tokens = { isStill: false, isNarrow: false, ink: '', muted: '', line: '', panel: '', accent: 'ink-gold', gold: 'gold', soft: '' };
const written = { value: String, short: String };
const labels = ['a', 'b'];
const series = { name: 's', values: [1, 2] };
const PLOTS: Plot[] = [
  { kind: 'time', ...written, labels, axisLabels: labels, bars: series, line: series, partialLast: true, zoom: true },
  { kind: 'time', ...written, labels, axisLabels: labels, bars: { name: 'sold', values: [1, null] }, dashed: { name: 'expected', values: [null, 4] }, band: { name: 'band', low: [null, 3], high: [null, 9] } },
  { kind: 'donut', ...written, slices: [{ name: 'a', value: 1, colour: '' }] },
  { kind: 'range', ...written, rows: [{ name: 'a', min: 1, mean: 2, max: 3 }] },
  { kind: 'bars', ...written, rows: [{ name: 'a', value: 1, extra: 1 }], names: ['x', 'y'] },
];
const seriesOf = (plot: Plot, of = tokens) => optionOf(plot, of)['series'] as Record<string, unknown>[];

it.each(PLOTS)('$kind: every series has a name of its own, so that an update moves it and draws nothing anew', (plot) => {
  const ids = seriesOf(plot).map(({ id }) => id);
  expect(ids.every((id) => typeof id === 'string')).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});

it('dashes the last stretch while its month still runs', () => {
  const [bars, whole, running] = seriesOf(PLOTS[0] as Plot);
  expect((bars?.['data'] as unknown[]).at(-1)).toMatchObject({ value: 2, itemStyle: { borderType: 'dashed' } });
  expect([whole?.['data'], running?.['data']]).toEqual([[1, null], [1, 2]]);
});

it('draws what is expected dashed, and the band from its low to its high, with a name in the tooltip alone', () => {
  const [, ground, band, dashed] = seriesOf(PLOTS[1] as Plot);
  expect([ground?.['data'], band?.['data']]).toEqual([[null, 3], [null, 6]]);
  expect(dashed).toMatchObject({ data: [null, 4], lineStyle: { type: 'dashed' } });
  const { formatter } = optionOf(PLOTS[1] as Plot, tokens)['tooltip'] as { formatter: (at: object[]) => string };
  const at = [{ seriesName: '', value: 3 }, { seriesName: 'expected', value: 4 }];
  expect(formatter(at.map((one) => ({ ...one, dataIndex: 1, name: 'day' })))).toBe('day<br><b>4</b><br>band 3 – 9');
});

it('stands still where the reader wishes it', () => {
  expect(optionOf(PLOTS[2] as Plot, { ...tokens, isStill: true })['animation']).toBe(false);
});
