// A plot in ECharts' words. Pure; the theme's tokens are given.
import type { Band, Plot, Series, Tokens } from './plot';

type Of<Kind extends Plot['kind']> = Extract<Plot, { kind: Kind }>;
export type Option = Record<string, unknown>;

const FONT = 'Inter Variable, system-ui, sans-serif';
const SMALL = 11.5;

export function optionOf(plot: Plot, tokens: Tokens): Option {
  const base = {
    animation: !tokens.isStill && !isLong(plot),
    animationDuration: 0,
    animationDurationUpdate: 300,
    textStyle: { fontFamily: FONT, color: tokens.muted, fontSize: SMALL },
    tooltip: tooltip(plot, tokens),
  };
  switch (plot.kind) {
    case 'time':
      return { ...base, ...time(plot, tokens) };
    case 'donut':
      return { ...base, ...donut(plot, tokens) };
    case 'range':
      return { ...base, ...range(plot, tokens) };
    case 'bars':
      return { ...base, ...bars(plot, tokens) };
  }
}

/** Hundreds of marks that grow are hundreds of changes a frame, for a third of a second: more work than all else. */
const LONG = 60;
const isLong = (plot: Plot): boolean => plot.kind === 'time' && plot.labels.length > LONG;

function tooltip(plot: Plot, tokens: Tokens): Option {
  return {
    trigger: plot.kind === 'donut' ? 'item' : 'axis',
    confine: true,
    transitionDuration: 0,
    backgroundColor: tokens.panel,
    borderColor: tokens.line,
    padding: [6, 10],
    extraCssText: 'max-width: min(340px, 80vw); white-space: normal; overflow-wrap: anywhere',
    textStyle: { color: tokens.ink, fontSize: 12.5, fontFamily: FONT },
    axisPointer: { type: 'line', lineStyle: { color: tokens.muted, type: 'solid', width: 1 } },
    valueFormatter: (value: unknown) => (typeof value === 'number' ? plot.value(value) : '–'),
  };
}

function categories(labels: readonly string[], tokens: Tokens): Option {
  return {
    type: 'category',
    data: labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: tokens.line } },
    axisLabel: { color: tokens.muted, fontSize: SMALL, hideOverlap: true, margin: 10 },
  };
}

function values(plot: Plot, tokens: Tokens): Option {
  return {
    type: 'value',
    splitNumber: 4,
    axisLabel: { color: tokens.muted, fontSize: SMALL, formatter: plot.short, hideOverlap: true },
    splitLine: { lineStyle: { color: tokens.line } },
  };
}

function time(plot: Of<'time'>, tokens: Tokens): Option {
  const axis = categories(plot.labels, tokens);
  // By name: the place that ECharts gives counts from where a zoom begins.
  const shorts = new Map(plot.labels.map((label, i) => [label, plot.axisLabels[i] ?? '']));
  const short = (label: string): string => shorts.get(label) ?? '';
  const interval = plot.starts ? (i: number): boolean => plot.starts?.[i] ?? false : 'auto';
  axis['axisLabel'] = { color: tokens.muted, fontSize: SMALL, hideOverlap: true, margin: 10, formatter: short, interval };
  const zoom = [
    { type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, preventDefaultMouseMove: false },
    { type: 'slider', height: 18, bottom: 4, borderColor: tokens.line, fillerColor: tokens.soft, handleStyle: { color: tokens.accent }, brushSelect: false, showDetail: false, dataBackground: { lineStyle: { color: tokens.muted }, areaStyle: { color: tokens.line } } },
  ];
  return {
    grid: { left: 4, right: 14, top: 12, bottom: plot.zoom ? 34 : 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: axis,
    yAxis: values(plot, tokens),
    ...(plot.zoom && { dataZoom: zoom }),
    tooltip: { ...tooltip(plot, tokens), formatter: (at: Hovered[]) => timeText(plot, at) },
    series: [plot.bars && barSeries(plot.bars, plot.partialLast ?? false, plot.line !== undefined, tokens), ...(plot.line ? lines(plot.line, plot.partialLast ?? false, tokens) : []), ...(plot.band ? bandSeries(plot.band, tokens) : []), plot.dashed && dashedSeries(plot.dashed, tokens)].filter(Boolean),
  };
}

function barSeries(series: Series, isLastPartial: boolean, isQuiet: boolean, tokens: Tokens): Option {
  const last = series.values.length - 1;
  const partial = { color: 'transparent', borderColor: tokens.gold, borderType: 'dashed', borderWidth: 1.2 };
  const data = series.values.map((value, i) => (isLastPartial && i === last ? { value, itemStyle: partial } : value));
  return { id: 'bars', type: 'bar', name: series.name, data, barCategoryGap: '22%', barMaxWidth: 44, itemStyle: { color: tokens.gold, opacity: isQuiet ? 0.45 : 1, borderRadius: [1, 1, 0, 0] }, emphasis: { disabled: true } };
}

function lineSeries(id: string, series: Series, tokens: Tokens): Option {
  const isShort = series.values.length <= 40;
  return { id, type: 'line', name: series.name, data: series.values, showSymbol: isShort, symbolSize: 5, lineStyle: { width: 1.8, color: tokens.accent }, itemStyle: { color: tokens.accent }, emphasis: { disabled: true } };
}

/** The last stretch is dashed while its month still runs. */
function lines(series: Series, isLastPartial: boolean, tokens: Tokens): Option[] {
  if (!isLastPartial) return [lineSeries('line', series, tokens)];
  const last = series.values.length - 1;
  const whole = { ...series, values: series.values.map((value, i) => (i === last ? null : value)) };
  const running = { ...series, values: series.values.map((value, i) => (i < last - 1 ? null : value)) };
  return [lineSeries('line', whole, tokens), { ...lineSeries('running', running, tokens), lineStyle: { width: 1.8, color: tokens.accent, type: 'dashed' } }];
}

function dashedSeries(series: Series, tokens: Tokens): Option {
  return { ...lineSeries('dashed', series, tokens), showSymbol: false, lineStyle: { width: 1.8, color: tokens.accent, type: 'dashed' } };
}

/** A ground that is not seen, and what lies on it: ECharts has no other band. Without names, for the tooltip has its own words. */
function bandSeries({ low, high }: Band, tokens: Tokens): Option[] {
  const quiet = { type: 'line', name: '', stack: 'band', silent: true, showSymbol: false, symbol: 'none', lineStyle: { opacity: 0 }, emphasis: { disabled: true } };
  const height = high.map((value, i) => (value === null ? null : value - (low[i] ?? 0)));
  return [{ ...quiet, id: 'ground', data: low }, { ...quiet, id: 'band', data: height, areaStyle: { color: tokens.accent, opacity: 0.16 } }];
}

interface Hovered {
  dataIndex: number;
  seriesName: string;
  value: unknown;
  name: string;
}

/** A point that two stretches share is written once. */
function timeText(plot: Of<'time'>, at: Hovered[]): string {
  const values = new Map(at.flatMap(({ seriesName, value }) => (typeof value === 'number' && seriesName !== '' ? [[seriesName, value] as const] : [])));
  const rows = [...values].map(([name, value]) => (values.size > 1 ? `${name} ` : '') + `<b>${plot.value(value)}</b>`);
  const i = at[0]?.dataIndex ?? 0;
  const [low, high] = [plot.band?.low[i], plot.band?.high[i]];
  if (plot.band && typeof low === 'number' && typeof high === 'number') rows.push(`${plot.band.name} ${plot.value(low)} – ${plot.value(high)}`);
  return [at[0]?.name ?? '', ...rows].join('<br>');
}

function donut(plot: Of<'donut'>, tokens: Tokens): Option {
  const data = plot.slices.map(({ name, value, colour }) => ({ name, value, itemStyle: { color: colour } }));
  return { series: [{ id: 'donut', type: 'pie', radius: ['56%', '88%'], data, itemStyle: { borderColor: tokens.panel, borderWidth: 2 }, label: { show: false }, emphasis: { scale: false } }] };
}

const NAME_WIDTH = 250;
const NARROW_NAME_WIDTH = 110;

function sideways(names: readonly string[], tokens: Tokens): Option {
  const axis = categories(names, tokens);
  axis['inverse'] = true;
  axis['axisLabel'] = { color: tokens.ink, fontSize: 12, width: tokens.isNarrow ? NARROW_NAME_WIDTH : NAME_WIDTH, overflow: 'truncate', interval: 0 };
  return axis;
}

function range(plot: Of<'range'>, tokens: Tokens): Option {
  const spans = plot.rows.map((row) => row.max - row.min);
  const quiet = { color: 'transparent' };
  return {
    grid: { left: 4, right: 18, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: { ...tooltip(plot, tokens), formatter: (at: { dataIndex: number }[]) => rangeText(plot, at[0]?.dataIndex ?? 0) },
    xAxis: { ...values(plot, tokens), type: 'log', logBase: 10 },
    yAxis: sideways(plot.rows.map((row) => row.name), tokens),
    series: [
      { id: 'spans', type: 'custom', silent: true, data: plot.rows.map((row, i) => [i, row.min, row.max]), encode: { x: [1, 2], y: 0 }, renderItem: spanShape(tokens), itemStyle: quiet, animation: spans.length < 50 },
      { id: 'means', type: 'line', data: plot.rows.map((row, i) => [row.mean, i]), lineStyle: { width: 0 }, symbol: 'circle', symbolSize: 9, itemStyle: { color: tokens.accent }, encode: { x: 0, y: 1 } },
    ],
  };
}

interface SpanApi {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
}

/** The span from the lowest to the highest price: a hairline with a foot at each end. */
function spanShape(tokens: Tokens) {
  return (_: unknown, api: SpanApi): Option => {
    const [left, y] = api.coord([api.value(1), api.value(0)]);
    const [right] = api.coord([api.value(2), api.value(0)]);
    const style = { stroke: tokens.muted, lineWidth: 1.5 };
    const line = (x1: number, y1: number, x2: number, y2: number) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
    return { type: 'group', children: [line(left, y, right, y), line(left, y - 4, left, y + 4), line(right, y - 4, right, y + 4)] };
  };
}

function rangeText(plot: Of<'range'>, i: number): string {
  const row = plot.rows[i];
  if (!row) return '';
  const name = row.name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `${name}<br>${plot.value(row.min)} · <b>${plot.value(row.mean)}</b> · ${plot.value(row.max)}`;
}

function bars(plot: Of<'bars'>, tokens: Tokens): Option {
  const one = (id: string, name: string, data: number[], color: string) => ({ id, type: 'bar', stack: 'all', name, data, barMaxWidth: 16, itemStyle: { color }, emphasis: { disabled: true } });
  return {
    grid: { left: 4, right: 18, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: values(plot, tokens),
    yAxis: sideways(plot.rows.map((row) => row.name), tokens),
    series: [one('first', plot.names[0], plot.rows.map((row) => row.value), tokens.gold), one('second', plot.names[1], plot.rows.map((row) => row.extra ?? 0), tokens.muted)],
  };
}
