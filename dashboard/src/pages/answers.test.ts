// The answers to the four questions.
import { expect, it } from 'vitest';
import { bestCountry, bestCustomers, bestProducts } from './answers';

const product = (name: string, revenue_cents: number, orders: number) => ({ product: name, revenue_cents, orders, average_cents: 1, min_cents: 1, max_cents: 1 });
const country = (name: string | null, buyers: number, revenue_cents: number) => ({ country: name, buyers, orders: 1, revenue_cents, average_basket_cents: 1 });

it('tells the product that brings most from the one that is sold most often', () => {
  const [huge, usual] = [product('one huge order', 900, 1), product('usual', 500, 40)];
  expect(bestProducts([huge, usual, product('rare', 5, 1)])).toEqual({ earner: huge, seller: usual });
  expect(bestProducts([usual])).toEqual({ earner: usual, seller: usual });
  expect(bestProducts([])).toBeNull();
});

it('takes no country of few buyers, and not the unknown one, for a market', () => {
  expect(bestCountry([country(null, 99, 99_000), country('EIRE', 3, 9000), country('Spain', 5, 1000)])).toEqual({ country: 'Spain', cents_per_buyer: 200 });
  expect(bestCountry([country('EIRE', 3, 9000)])).toBeNull();
});

it('needs revenue to speak of shares', () => {
  const summary = { customers: 1, buyers: 1, products: 1, countries: 1, orders: 1, revenue_cents: 0, average_basket_cents: null, average_customer_value_cents: null };
  expect(bestCustomers([], summary)).toBeNull();
});
