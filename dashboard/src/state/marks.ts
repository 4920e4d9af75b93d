// Days as the marks of a chart: each day while they are few, else weeks, months or years. A chart
// draws a picture; every day of a long history would only block the page. Sums are exact. Pure.
import type { Day } from '../api/types';
import { dayNumber, dayText, type Range } from './calendar';

/** More marks are not told apart on a screen, and cost time with each update. Thirteen months are still days. */
export const MARKS_MAX = 400;
/** What a zoom may have left and right of it: nine years of days. */
const HIDDEN_MAX = 4000;
export const UNITS = ['day', 'week', 'month', 'year'] as const;
export type Unit = (typeof UNITS)[number];

/** The shortest length that a unit may have, in days. */
const SHORTEST: Record<Unit, number> = { day: 1, week: 7, month: 28, year: 365 };
/** And the longest. */
const LONGEST: Record<Unit, number> = { day: 1, week: 7, month: 31, year: 366 };
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const THURSDAY = 3;

/** The finest unit in which the days that are seen are few enough marks, and all that are there not too many. */
export function unitFor(seen: number, all = seen): Unit {
  // A stretch that begins and ends inside a unit touches one more.
  const marks = (days: number, unit: Unit): number => Math.ceil(days / SHORTEST[unit]) + (unit === 'day' ? 0 : 1);
  return UNITS.find((unit) => marks(seen, unit) <= MARKS_MAX && marks(all, unit) <= HIDDEN_MAX) ?? 'year';
}

export const daysIn = ({ from, to }: Range): number => Math.max(0, dayNumber(to) - dayNumber(from) + 1);

/** The first day of the unit that a day lies in. */
export function unitStart(day: string, unit: Unit): string {
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      return dayText(dayNumber(day) - ((((dayNumber(day) + THURSDAY) % 7) + 7) % 7));
    case 'month':
      return `${day.slice(0, 7)}-01`;
    case 'year':
      return `${day.slice(0, 4)}-01-01`;
  }
}

/** The first day of the unit after the one that begins on `start`. */
export function nextStart(start: string, unit: Unit): string {
  if (unit === 'day') return dayText(dayNumber(start) + 1);
  if (unit === 'week') return dayText(dayNumber(start) + 7);
  // Surely a day inside the next one.
  return unitStart(dayText(dayNumber(start) + (unit === 'month' ? 31 : 366)), unit);
}

/** One mark: the first day of its unit, and what the days of the range sum up to. */
export type Mark = Day;

/** Every unit that the range touches, those without a purchase with zero. Days outside the range count nowhere. */
export function marksOf(days: readonly Day[], range: Range, unit: Unit): Mark[] {
  const marks = new Map<string, Mark>();
  if (range.from > range.to) return [];
  for (let start = unitStart(range.from, unit); start <= range.to; start = nextStart(start, unit)) marks.set(start, { day: start, orders: 0, revenue_cents: 0 });
  for (const row of days) {
    const mark = row.day < range.from || row.day > range.to ? undefined : marks.get(unitStart(row.day, unit));
    if (!mark) continue;
    mark.orders += row.orders;
    mark.revenue_cents += row.revenue_cents;
  }
  return [...marks.values()];
}

/** Up to `count` units before the first of the range, no earlier than the first day that there is. */
export function marksBefore(days: readonly Day[], range: Range, unit: Unit, count: number): Mark[] {
  const first = days[0]?.day;
  const end = unitStart(range.from, unit);
  if (first === undefined || first >= end) return [];
  const to = dayText(dayNumber(end) - 1);
  const from = dayText(dayNumber(end) - count * LONGEST[unit]);
  return marksOf(days, { from: unitStart(from > first ? from : first, unit), to }, unit).slice(-count);
}

/** Whether the last mark still grows: its unit ends after the range's last day. */
export function isLastRunning(range: Range, unit: Unit): boolean {
  return unit !== 'day' && nextStart(unitStart(range.to, unit), unit) > dayText(dayNumber(range.to) + 1);
}
