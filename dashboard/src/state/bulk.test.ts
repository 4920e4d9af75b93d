// Where a shop's days lie, and what lies far from them.
import { expect, it } from 'vitest';
import type { Day } from '../api/types';
import { bulkStart, outside } from './bulk';
import { plusDays } from './calendar';

const days = (from: string, count: number, orders = 1): Day[] => Array.from({ length: count }, (_, i) => ({ day: plusDays(from, i), orders, revenue_cents: 100 }));

it('leaves out a purchase of 1970 before two years of days', () => {
  expect(bulkStart([...days('1970-01-01', 1), ...days('2024-01-01', 600)])).toBe('2024-01-01');
});

it('leaves out several such, the last gap counting', () => {
  expect(bulkStart([...days('1970-01-01', 1), ...days('1999-12-31', 2), ...days('2024-01-01', 600)])).toBe('2024-01-01');
});

it('keeps nine honest years, a break of months, and what is more than one per cent', () => {
  expect(bulkStart(days('2015-01-01', 3287))).toBe('2015-01-01');
  expect(bulkStart([...days('2022-01-01', 1), ...days('2022-12-31', 600)])).toBe('2022-01-01');
  expect(bulkStart([...days('1999-01-01', 6), ...days('2024-01-01', 594)])).toBe('1999-01-01');
  expect(bulkStart([...days('1999-01-01', 5), ...days('2024-01-01', 596)])).toBe('2024-01-01');
  expect(bulkStart([])).toBeNull();
});

it('counts the orders on both sides of a view', () => {
  const all = [...days('1970-01-01', 2, 3), ...days('2024-01-01', 10), ...days('2199-01-01', 1)];
  expect(outside(all, { from: '2024-01-01', to: '2024-01-10' })).toEqual({ before: 6, after: 1 });
});
