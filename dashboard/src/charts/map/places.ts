// Rows of countries as places on the map: one for each code, whatever its names. A row that has no place is told
// apart, never dropped: what is on the map and what is not add up to all. Pure.
import type { Country } from '../../api/types';

export const FIGURES = ['revenue_cents', 'buyers', 'average_basket_cents'] as const;
export type MapFigure = (typeof FIGURES)[number];

export interface Place {
  code: string;
  /** As the rows have it; several where several names mean one country. */
  names: string[];
  revenue_cents: number;
  orders: number;
  buyers: number;
}

export interface Placed {
  places: Place[];
  others: Country[];
}

export function placed(rows: readonly Country[], hasPlace: (code: string) => boolean): Placed {
  const places = new Map<string, Place>();
  const others: Country[] = [];
  for (const row of rows) {
    if (row.code === null || row.country === null || !hasPlace(row.code)) {
      others.push(row);
      continue;
    }
    // Each customer has one country, so buyers of two names are two buyers.
    const { names, revenue_cents, orders, buyers } = places.get(row.code) ?? { names: [], revenue_cents: 0, orders: 0, buyers: 0 };
    places.set(row.code, { code: row.code, names: [...names, row.country], revenue_cents: revenue_cents + row.revenue_cents, orders: orders + row.orders, buyers: buyers + row.buyers });
  }
  return { places: [...places.values()], others };
}

/** Null where there is nothing to divide by. Halves are rounded to even, as the server does. */
export function valueOf(of: Pick<Place, 'revenue_cents' | 'orders' | 'buyers'>, figure: MapFigure): number | null {
  if (figure !== 'average_basket_cents') return of[figure];
  if (of.orders === 0) return null;
  const whole = Math.floor(of.revenue_cents / of.orders);
  const twice = 2 * (of.revenue_cents - whole * of.orders);
  return whole + Number(twice > of.orders || (twice === of.orders && whole % 2 !== 0));
}

/** Only these are parts of a whole. */
export const isSummed = (figure: MapFigure): boolean => figure !== 'average_basket_cents';
