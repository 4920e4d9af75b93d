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

/** `most` is the one of the most orders of all, `products` those of the largest revenue. */
export function bestProducts(products: readonly Product[], most: Product): BestProducts | null {
  const earner = products[0];
  if (!earner) return null;
  // Of two that are sold as often the one that earns more is meant.
  return { earner, seller: [...products, most].reduce((best, row) => (row.orders > best.orders ? row : best), earner) };
}

export interface BestCountry {
  country: string;
  /** Without the one who buys most. */
  cents_per_buyer: number;
}

/** The named country whose buyers spend most each, among those with enough of them, the largest customer of each left
    out: one rich customer is no market. `largestOf` tells what that one spends; it is asked for as few as will do. */
export async function bestCountry(countries: readonly Country[], largestOf: (country: string) => Promise<number>): Promise<BestCountry | null> {
  const each = countries.flatMap(({ country, buyers, revenue_cents }) => (country !== null && buyers >= ENOUGH_BUYERS ? [{ country, buyers, revenue_cents, mean: revenue_cents / buyers }] : []));
  let best: BestCountry | null = null;
  for (const { country, buyers, revenue_cents, mean } of each.sort((a, b) => b.mean - a.mean)) {
    // Without its largest customer a mean only falls.
    if (best !== null && best.cents_per_buyer >= mean) break;
    const cents_per_buyer = Math.round((revenue_cents - (await largestOf(country))) / (buyers - 1));
    if (best === null || cents_per_buyer > best.cents_per_buyer) best = { country, cents_per_buyer };
  }
  return best;
}
