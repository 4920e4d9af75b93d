// The four questions every shop asks, answered from what is on the screen. Pure: figures in, findings out.
import type { Country, Customer, Product, Summary } from '../api/types';

/** Fewer buyers would make one rich customer look like a market. */
export const ENOUGH_BUYERS = 5;
const BEST = 10;

export interface BestCustomers {
  first: Customer;
  count: number;
  share: number;
}

export function bestCustomers(customers: readonly Customer[], summary: Summary): BestCustomers | null {
  const best = customers.slice(0, BEST);
  const first = best[0];
  if (!first || summary.revenue_cents <= 0) return null;
  return { first, count: best.length, share: best.reduce((sum, row) => sum + row.revenue_cents, 0) / summary.revenue_cents };
}

export interface BestProducts {
  /** Which brings most, and which is sold most often: one huge order makes them differ. */
  earner: Product;
  seller: Product;
}

export function bestProducts(products: readonly Product[]): BestProducts | null {
  const earner = products[0];
  if (!earner) return null;
  return { earner, seller: products.reduce((best, row) => (row.orders > best.orders ? row : best), earner) };
}

export interface BestCountry {
  country: string;
  cents_per_buyer: number;
}

/** The named country whose buyers spend most each, among those with enough of them. */
export function bestCountry(countries: readonly Country[]): BestCountry | null {
  const each = countries.flatMap(({ country, buyers, revenue_cents }) =>
    country !== null && buyers >= ENOUGH_BUYERS ? [{ country, cents_per_buyer: Math.round(revenue_cents / buyers) }] : [],
  );
  return each.reduce<BestCountry | null>((best, row) => (best === null || row.cents_per_buyer > best.cents_per_buyer ? row : best), null);
}
