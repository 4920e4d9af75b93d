// Rows of the shop as plots, bars and tables: what the pages have in common. Pure but for the reader's words.
import type { Bar } from '../charts/Ranking.svelte';
import type { Plot } from '../charts/plot';
import { numberColumn, textColumn, type FigureTable, type Mark } from '../charts/table';
import { shownName } from '../format/names';
import type { Country, Customer, Day, Month } from '../api/types';
import { filled, filledMonths, isPartial, runningMean, type Range } from '../state/calendar';
import { isLastRunning, MARKS_MAX, marksBefore, marksOf, type Unit } from '../state/marks';
import { GREY } from '../state/colours';
import { router } from '../state/router.svelte';
import { shop } from '../state/shop.svelte';
import { t, words } from '../state/words.svelte';

const euros = (cents: number): number => cents / 100;
const asMoney = (value: number): string => words.format.money(Math.round(value * 100));

export const moneyPlot = () => ({ value: asMoney, short: words.format.short });
export const countPlot = () => ({ value: words.format.whole, short: words.format.short });

/** Over how many marks the line is a mean; years have none. */
const MEAN_OVER = { day: 7, week: 4, month: 12 } as const;
/** More marks side by side are named by their months. */
const DENSE = 120;

/** What is drawn of the days: their range, the marks' unit, and how many days are seen of it at once. */
export interface Drawn {
  range: Range;
  unit: Unit;
  seen: number;
}

export function daysPlot(days: readonly Day[], { range, unit, seen }: Drawn, zoom: boolean): Plot {
  const all = marksOf(days, range, unit);
  const values = all.map((mark) => euros(mark.revenue_cents));
  const partialLast = isLastRunning(range, unit) && range.to >= shop.calendar;
  const isDense = unit === 'week' || (unit === 'day' && seen > DENSE);
  return {
    kind: 'time',
    ...moneyPlot(),
    labels: all.map((mark, i) => markName(mark.day, unit) + (partialLast && i === all.length - 1 ? ` (${t('partial')})` : '')),
    axisLabels: all.map((mark) => (unit === 'year' ? mark.day.slice(0, 4) : isDense || unit === 'month' ? words.format.monthShort(mark.day.slice(0, 7)) : words.format.dayShort(mark.day))),
    bars: { name: t(unit), values },
    ...(unit !== 'year' && { line: { name: t(`mean_${unit}`), values: meansOf(days, { range, unit }, values) } }),
    zoom,
    partialLast,
    // The first day or week of each month.
    ...(isDense && { starts: all.map((mark) => Number(mark.day.slice(8)) <= (unit === 'day' ? 1 : 7)) }),
  };
}

/** A mean knows the days before the range: only at the shop's own beginning there are too few of them. */
function meansOf(days: readonly Day[], { range, unit }: Pick<Drawn, 'range' | 'unit'>, values: readonly number[]): (number | null)[] {
  const over = MEAN_OVER[unit as keyof typeof MEAN_OVER];
  const before = marksBefore(days, range, unit, over - 1).map((mark) => euros(mark.revenue_cents));
  return runningMean([...before, ...values], over).slice(before.length);
}

function markName(start: string, unit: Unit): string {
  if (unit === 'day') return words.format.day(start);
  if (unit === 'week') return t('week_of', { day: words.format.day(start) });
  return unit === 'month' ? words.format.month(start.slice(0, 7)) : start.slice(0, 4);
}

/** The bars and the line of daysPlot. */
export function daysLegend(unit: Unit): Mark[] {
  const bars: Mark = { name: t(unit), shape: 'bar', colour: unit === 'year' ? 'var(--gold)' : 'color-mix(in srgb, var(--gold) 45%, transparent)' };
  return unit === 'year' ? [bars] : [bars, { name: t(`mean_${unit}`), shape: 'line', colour: 'var(--accent)' }];
}

export function daysTable(days: readonly Day[], range: Range): FigureTable {
  return {
    columns: [textColumn('day', t('day'), words.format.day), numberColumn('revenue_cents', t('revenue'), words.format.money), numberColumn('orders', t('orders'), words.format.whole)],
    rows: filled(days, range).map((row) => [row.day, row.revenue_cents, row.orders]),
    valueColumn: 1,
  };
}

/** The months that the charts show: those of the range, those without a sale too, and no more than a chart can. */
export function monthsIn(months: readonly Month[], range: Range): Month[] {
  return filledMonths(months).filter(({ month }) => month >= range.from.slice(0, 7) && month <= range.to.slice(0, 7)).slice(-MARKS_MAX);
}

type MonthFigure = Exclude<keyof Month, 'month'>;
const isCents = (figure: string): boolean => figure.endsWith('_cents');
/** How a figure is written; an average of nothing is a dash. */
const writer = (figure: string) => (value: number | null): string => (isCents(figure) ? words.format.money(value) : words.format.whole(value ?? 0));

export function monthsPlot(months: readonly Month[], figure: MonthFigure, shape: 'bars' | 'line'): Plot {
  const name = t('month');
  const values = months.map((row) => (isCents(figure) ? euros(row[figure] ?? 0) : row[figure]));
  return {
    kind: 'time',
    ...(isCents(figure) ? moneyPlot() : countPlot()),
    labels: months.map((row) => monthName(row.month)),
    axisLabels: months.map((row) => words.format.monthShort(row.month)),
    partialLast: months.length > 0 && isRunning(months.at(-1)?.month ?? ''),
    ...(shape === 'bars' ? { bars: { name, values } } : { line: { name, values } }),
  };
}

const isRunning = (month: string): boolean => isPartial(month, shop.calendar);
const monthName = (month: string): string => words.format.month(month) + (isRunning(month) ? ` (${t('partial')})` : '');

export function monthsTable(months: readonly Month[], figure: MonthFigure, label: string): FigureTable {
  return {
    columns: [textColumn('month', t('month'), monthName), numberColumn(figure, label, writer(figure))],
    rows: months.map((row) => [row.month, row[figure]]),
    valueColumn: 1,
  };
}

export function buyersPlot(countries: readonly Country[]): Plot {
  const sorted = countries.filter(({ buyers }) => buyers > 0).sort((a, b) => b.buyers - a.buyers);
  // Only one grey: those without a colour of their own are told together, and one alone by its name.
  const isShown = (row: Country): boolean => shop.colourOf(row.country) !== GREY;
  const [shown, rest] = [sorted.filter(isShown), sorted.filter((row) => !isShown(row))];
  const slices = shown.map((row) => ({ name: words.country(row.country), value: row.buyers, colour: shop.colourOf(row.country) }));
  const sum = rest.reduce((all, row) => all + row.buyers, 0);
  const [only] = rest;
  const name = only && rest.length === 1 ? words.country(only.country) : t('others');
  return { kind: 'donut', ...countPlot(), slices: only ? [...slices, { name, value: sum, colour: GREY }] : slices };
}

type CountryFigure = Exclude<keyof Country, 'country' | 'code'>;

export function countriesTable(countries: readonly Country[], figure: CountryFigure, label: string): FigureTable {
  const sorted = [...countries].sort((a, b) => (b[figure] ?? 0) - (a[figure] ?? 0));
  return {
    columns: [{ key: 'country', label: t('country'), isText: true, write: (cell) => words.country(cell === null ? null : String(cell)) }, numberColumn(figure, label, writer(figure))],
    rows: sorted.map((row) => [row.country, row[figure]]),
    valueColumn: 1,
  };
}

export function countryBars(countries: readonly Country[], figure: CountryFigure, count: number): Bar[] {
  const write = writer(figure);
  const sorted = [...countries].sort((a, b) => (b[figure] ?? 0) - (a[figure] ?? 0)).slice(0, count);
  // An average is no part of a whole.
  const whole = figure === 'average_basket_cents' ? 0 : countries.reduce((sum, row) => sum + row[figure], 0);
  const share = (value: number | null): string => (whole > 0 ? words.format.share((value ?? 0) / whole) : '');
  return sorted.map((row) => ({ key: row.country ?? '', name: words.country(row.country), hint: share(row[figure]), value: row[figure] ?? 0, text: write(row[figure]), colour: shop.colourOf(row.country), isKeyed: true }));
}

/** Whether names and e-mails are shown: one switch for every page. */
export const isMasked = (): boolean => !router.view.names;

/** In place of a name, an e-mail, or a line that holds them. */
export const HIDDEN = '•••';

/** An address of e-mail, wherever it stands in a text. */
const ADDRESS = /[^\s,;:"'<>()]+@[^\s,;:"'<>()]+/g;

/** A text that may hold addresses, as ids of customers do in some shops, without them where they are not shown. */
export const withoutAddresses = (text: string): string => (isMasked() ? text.replaceAll(ADDRESS, HIDDEN) : text);

/** A customer by his name where there is one and it may be shown, else by his id. */
export function customerName(row: Pick<Customer, 'customer_id' | 'name'>): string {
  return shownName(row.name === null || isMasked() ? withoutAddresses(`${t('customer')} ${row.customer_id}`) : row.name);
}

/** Leads to one customer: from their own page with its filter and order kept, so that the way back has them. */
export function customerLink(id: string): { href: string; open: () => void } {
  const changes = { customer: id };
  const isHere = router.view.page === 'clients';
  return {
    href: isHere ? router.here(changes) : router.href('clients', changes),
    open: () => {
      if (isHere) router.step(changes);
      else router.go('clients', changes);
      window.scrollTo(0, 0);
    },
  };
}

export function customerBars(customers: readonly Customer[], count: number): Bar[] {
  return customers.slice(0, count).map((row) => ({
    key: row.customer_id,
    name: customerName(row),
    hint: words.country(row.country),
    value: row.revenue_cents,
    text: words.format.money(row.revenue_cents),
    colour: shop.colourOf(row.country),
    isKeyed: true,
    ...customerLink(row.customer_id),
  }));
}

export function customersTable(customers: readonly Customer[]): FigureTable {
  return {
    columns: [textColumn('customer_id', t('customer'), withoutAddresses), textColumn('country', t('country')), numberColumn('revenue_cents', t('revenue'), words.format.money)],
    rows: customers.map((row) => [row.customer_id, row.country, row.revenue_cents]),
    valueColumn: 2,
  };
}
