// Products as bars, plots and tables. Thousands of them stay usable: the first few, and the rest as one.
import type { Bar } from '../charts/Ranking.svelte';
import type { Plot } from '../charts/plot';
import { numberColumn, textColumn, type FigureTable } from '../charts/table';
import { text } from '../api/rest';
import type { Product, Summary } from '../api/types';
import { spokenName } from '../format/names';
import { t, words } from '../state/words.svelte';
import { moneyPlot } from './plots';

type Figure = 'revenue_cents' | 'orders';
const GOLD = 'var(--gold)';
const writeOf = (figure: Figure) => (figure === 'orders' ? words.format.whole : words.format.money);
const sorted = (products: readonly Product[], figure: Figure): Product[] => [...products].sort((a, b) => b[figure] - a[figure]);

export function productBars(products: readonly Product[], figure: Figure, count: number): Bar[] {
  return sorted(products, figure).slice(0, count).map((row) => ({ key: row.product, name: row.product, value: row[figure], text: writeOf(figure)(row[figure]), colour: GOLD }));
}

/** What the products outside the first ones bring together, as a sentence: the rest of the totals, since only the
    first ones are here. */
export function restNote(products: readonly Product[], summary: Summary | undefined, figure: Figure, count: number): string {
  const rest = (summary?.products ?? 0) - count;
  if (summary === undefined || products.length < count || rest <= 0) return '';
  const first = sorted(products, figure).slice(0, count).reduce((sum, row) => sum + row[figure], 0);
  return t('rest', { n: rest, sum: writeOf(figure)(summary[figure] - first) });
}

/** Every product, for a file: the page itself holds only the first ones. */
export async function allProducts(): Promise<Product[]> {
  const lines = (await text('/products?format=ndjson')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Product);
}

export function productsTable(products: readonly Product[], figure: Figure): FigureTable {
  return {
    columns: [textColumn('product', t('product')), numberColumn(figure, figure === 'orders' ? t('orders') : t('revenue'), writeOf(figure))],
    rows: sorted(products, figure).map((row) => [row.product, row[figure]]),
    valueColumn: 1,
  };
}

export function pricesPlot(products: readonly Product[], count: number): Plot {
  const rows = products.slice(0, count).map((row) => ({ name: spokenName(row.product), min: row.min_cents / 100, mean: (row.average_cents ?? row.min_cents) / 100, max: row.max_cents / 100 }));
  return { kind: 'range', ...moneyPlot(), rows };
}

export function pricesTable(products: readonly Product[]): FigureTable {
  const { money } = words.format;
  return {
    columns: [textColumn('product', t('product')), numberColumn('min_cents', t('minimum'), money), numberColumn('average_cents', t('mean'), money), numberColumn('max_cents', t('maximum'), money)],
    rows: products.map((row) => [row.product, row.min_cents, row.average_cents, row.max_cents]),
    valueColumn: 2,
  };
}

