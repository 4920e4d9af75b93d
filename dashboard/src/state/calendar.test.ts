// The shop's own calendar.
import { expect, it } from 'vitest';
import { againstLastMonth, calendarDay, dayOf, filled, filledMonths, isPartial, overDay, presetRange, runningMean, shopToday, weekOf, withoutLargestDay } from './calendar';

const day = (name: string, revenue_cents = 100) => ({ day: name, orders: 1, revenue_cents });

it('is today on the day of the newest purchase that is not ahead of the calendar', () => {
  expect(shopToday([day('2011-12-09')], '2026-11-25')).toBe('2011-12-09');
  expect(shopToday([day('2026-11-25'), day('2031-01-01')], '2026-11-25')).toBe('2026-11-25');
  expect(shopToday([day('2011-12-09'), day('2199-01-01')], '2026-11-25')).toBe('2011-12-09');
  expect(shopToday([day('2031-01-01')], '2026-11-25')).toBe('2026-11-25');
  expect(shopToday([], '2026-11-25')).toBeNull();
  expect(calendarDay(new Date(2026, 10, 25, 23, 59))).toBe('2026-11-25');
});

it('counts presets back from there, not beyond the first day', () => {
  const days = [day('2011-12-01'), day('2011-12-09')];
  expect(presetRange('7', days, '2011-12-09')).toEqual({ from: '2011-12-03', to: '2011-12-09' });
  expect(presetRange('30', days, '2011-12-09').from).toBe('2011-12-01');
  const far = [day('1970-01-01'), ...days, day('2199-01-01')];
  expect(presetRange('all', far, '2011-12-09', '2011-12-01')).toEqual({ from: '2011-12-01', to: '2011-12-09' });
  expect(presetRange('whole', far, '2011-12-09', '2011-12-01')).toEqual({ from: '1970-01-01', to: '2199-01-01' });
});

it('fills days without a purchase with zero', () => {
  expect(filled([day('2011-12-01')], { from: '2011-11-30', to: '2011-12-01' }).map((row) => row.revenue_cents)).toEqual([0, 100]);
});

it('has a mean only from the seventh day on', () => {
  expect(runningMean([7, 7, 7, 7, 7, 7, 14, 7], 7)).toEqual([null, null, null, null, null, null, 8, 8]);
});

it('compares the same days of two months', () => {
  const days = [day('2011-11-08', 100), day('2011-11-10', 999), day('2011-12-09', 150)];
  expect(againstLastMonth(days, '2011-12-09', (row) => row.revenue_cents)).toEqual({ now: 150, before: 100, ratio: 0.5 });
  expect(againstLastMonth([day('2011-01-03')], '2011-01-03', (row) => row.orders).ratio).toBeNull();
});

it('marks the running month until its last day', () => {
  expect(isPartial('2011-12', '2011-12-09')).toBe(true);
  expect(isPartial('2011-12', '2011-12-31')).toBe(false);
  expect(isPartial('2011-11', '2011-12-09')).toBe(false);
});

it('leaves out the largest day of each month, where there are enough', () => {
  const days = [day('2011-11-01', 100), day('2011-11-02', 100), day('2011-11-03', 500), day('2011-12-01', 100), day('2011-12-02', 9_000), day('2011-12-03', 110)];
  const revenue = (row: { revenue_cents: number }) => row.revenue_cents;
  expect(withoutLargestDay(days, '2011-12-03', revenue)?.ratio).toBeCloseTo(0.05);
  expect(withoutLargestDay(days, '2011-12-02', revenue)).toBeNull();
});

it('knows today beside the same weekday, and the finished days of the week beside those of the week before', () => {
  const days = [day('2011-12-05', 100), day('2011-12-06', 50), day('2011-12-12', 300), day('2011-12-13', 7)];
  expect(dayOf(days, '2011-12-13')).toEqual({ revenue_cents: 7, orders: 1, before_cents: 50 });
  expect(dayOf(days, '2011-12-06').before_cents).toBeNull();
  expect(overDay(dayOf(days, '2011-12-13'))).toEqual({ now: 7, before: 50, ratio: 7 / 50 - 1 });
  expect(overDay(dayOf(days, '2011-12-06'))).toBeNull();
  expect(weekOf(days, '2011-12-13', '2011-12-12')).toEqual({ monday: '2011-12-12', revenue_cents: 307, orders: 2, until: '2011-12-12', finished: { now: 300, before: 100, ratio: 2 } });
  expect(weekOf(days, '2011-12-12', '2011-12-12').finished).toBeNull();
});

it('shows months without a sale, too', () => {
  const month = (name: string) => ({ month: name, orders: 1, customers: 1, revenue_cents: 1, average_basket_cents: 1 });
  expect(filledMonths([month('2011-11'), month('2012-02')]).map((row) => [row.month, row.orders])).toEqual([['2011-11', 1], ['2011-12', 0], ['2012-01', 0], ['2012-02', 1]]);
  expect(filledMonths([])).toEqual([]);
});
