// The answers to the four questions.
import { expect, it } from 'vitest';
import { bestCountry, bestCustomers, bestProducts } from './answers';

const product = (name: string, revenue_cents: number, orders: number) => ({ product: name, revenue_cents, orders, average_cents: 1, min_cents: 1, max_cents: 1 });
const country = (name: string | null, buyers: number, revenue_cents: number) => ({ country: name, buyers, orders: 1, revenue_cents, average_basket_cents: 1, code: null });

it('tells the product that brings most from the one that is sold most often', () => {
  const [huge, usual] = [product('one huge order', 900, 1), product('usual', 500, 40)];
  expect(bestProducts([huge, usual], usual)).toEqual({ earner: huge, seller: usual });
  expect(bestProducts([huge], usual)).toEqual({ earner: huge, seller: usual });
  expect(bestProducts([usual], usual)).toEqual({ earner: usual, seller: usual });
  expect(bestProducts([], usual)).toBeNull();
});

it('takes no country of few buyers, and not the unknown one, for a market', async () => {
  const nobody = () => Promise.resolve(0);
  expect(await bestCountry([country(null, 99, 99_000), country('EIRE', 3, 9000), country('Spain', 5, 1000)], nobody)).toEqual({ country: 'Spain', cents_per_buyer: 250 });
  expect(await bestCountry([country('EIRE', 3, 9000)], nobody)).toBeNull();
});

it('takes no country for a market for the sake of one customer, and asks no more than it must', async () => {
  const largest: Record<string, number> = { Netherlands: 9_800, Spain: 300, Italy: 100 };
  const asked: string[] = [];
  const best = await bestCountry([country('Italy', 5, 500), country('Netherlands', 9, 10_000), country('Spain', 5, 1_100)], (name) => {
    asked.push(name);
    return Promise.resolve(largest[name] ?? 0);
  });
  expect(best).toEqual({ country: 'Spain', cents_per_buyer: 200 });
  expect(asked).toEqual(['Netherlands', 'Spain']);
});

it('needs revenue to speak of shares', () => {
  const summary = { customers: 1, buyers: 1, products: 1, countries: 1, orders: 1, revenue_cents: 0, average_basket_cents: null, average_customer_value_cents: null };
  expect(bestCustomers([], summary)).toBeNull();
});
