// Days as the marks of a chart.
import { expect, it } from 'vitest';
import type { Day } from '../api/types';
import { dayText } from './calendar';
import { daysIn, isLastRunning, marksBefore, marksOf, MARKS_MAX, nextStart, UNITS, unitFor, unitStart } from './marks';

const day = (name: string, revenue_cents = 100): Day => ({ day: name, orders: 1, revenue_cents });

it('draws days, then weeks, months and years, as the span grows', () => {
  expect([1, 400, 401, 2793, 2794, 3287, 20_000, 84_000].map((days) => unitFor(days))).toEqual(['day', 'day', 'week', 'week', 'month', 'month', 'year', 'year']);
});

it('draws a part of a long history in as fine a unit as the whole allows', () => {
  expect(unitFor(200, 3287)).toBe('day');
  expect(unitFor(200, 20_000)).toBe('week');
});

it('begins weeks on Monday, before 1970 too', () => {
  expect(['2026-11-29', '2026-11-30', '1970-01-01', '1969-12-28'].map((name) => unitStart(name, 'week'))).toEqual(['2026-11-23', '2026-11-30', '1969-12-29', '1969-12-22']);
});

it.each(UNITS)('%s: the unit after one begins where it ends', (unit) => {
  for (const start of ['2024-01-01', '2024-02-29', '2023-12-31', '2000-06-15'].map((name) => unitStart(name, unit))) {
    const next = nextStart(start, unit);
    expect(unitStart(next, unit)).toBe(next);
    expect(unitStart(dayText(Date.parse(next) / 86_400_000 - 1), unit)).toBe(start);
  }
});

it('sums exactly, whatever the unit, and counts no day outside the range', () => {
  const days = Array.from({ length: 5000 }, (_, i) => day(dayText(15_000 + 3 * i), 10 + ((i * 7919) % 100_003)));
  const range = { from: days[100]?.day ?? '', to: days[4321]?.day ?? '' };
  const inside = days.slice(100, 4322);
  for (const unit of UNITS) {
    const marks = marksOf(days, range, unit);
    expect(marks.reduce((sum, mark) => sum + mark.revenue_cents, 0)).toBe(inside.reduce((sum, row) => sum + row.revenue_cents, 0));
    expect(marks.reduce((sum, mark) => sum + mark.orders, 0)).toBe(inside.length);
    expect(new Set(marks.map((mark) => mark.day)).size).toBe(marks.length);
  }
  expect(marksOf(days, range, unitFor(daysIn(range))).length).toBeLessThanOrEqual(MARKS_MAX);
});

it('has a mark for a stretch without a purchase, and leaves the rows as they were', () => {
  const days = [day('2026-11-01'), day('2026-11-02', 5), day('2026-11-20')];
  expect(marksOf(days, { from: '2026-11-01', to: '2026-11-20' }, 'week').map((mark) => [mark.day, mark.revenue_cents])).toEqual([['2026-10-26', 100], ['2026-11-02', 5], ['2026-11-09', 0], ['2026-11-16', 100]]);
  expect(days[0]).toEqual(day('2026-11-01'));
  expect(marksOf(days, { from: '2026-11-20', to: '2026-11-01' }, 'day')).toEqual([]);
});

it('knows that the last mark still grows', () => {
  expect(isLastRunning({ from: '2026-01-01', to: '2026-11-28' }, 'week')).toBe(true);
  expect(isLastRunning({ from: '2026-01-01', to: '2026-11-29' }, 'week')).toBe(false);
  expect(isLastRunning({ from: '2026-01-01', to: '2026-11-30' }, 'month')).toBe(false);
  expect(isLastRunning({ from: '2026-01-01', to: '2026-11-29' }, 'day')).toBe(false);
});

it('knows the units before a range, as far as the shop goes back', () => {
  const days = [day('2011-11-28', 5), day('2011-12-01', 7), day('2011-12-05', 9)];
  const range = { from: '2011-12-02', to: '2011-12-05' };
  expect(marksBefore(days, range, 'day', 6).map((mark) => mark.revenue_cents)).toEqual([5, 0, 0, 7]);
  expect(marksBefore(days, range, 'day', 2).map((mark) => mark.revenue_cents)).toEqual([0, 7]);
  expect(marksBefore(days, { from: '2011-11-28', to: '2011-12-05' }, 'day', 6)).toEqual([]);
});
