// Products as bars, plots and tables. Thousands of them stay usable: the first few, and the rest as one.
import type { Bar } from '../charts/Ranking.svelte';
import type { Plot } from '../charts/plot';
import { numberColumn, textColumn, type FigureTable } from '../charts/table';
import type { Product } from '../api/types';
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

/** What the products outside the first ones bring together, as a sentence. */
export function restNote(products: readonly Product[], figure: Figure, count: number): string {
  const rest = sorted(products, figure).slice(count);
  if (rest.length === 0) return '';
  return t('rest', { n: rest.length, sum: writeOf(figure)(rest.reduce((sum, row) => sum + row[figure], 0)) });
}

export function productsTable(products: readonly Product[], figure: Figure): FigureTable {
  return {
    columns: [textColumn('product', t('product')), numberColumn(figure, figure === 'orders' ? t('sales') : t('revenue'), writeOf(figure))],
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

