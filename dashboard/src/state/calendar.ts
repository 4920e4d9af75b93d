// The shop's own calendar: its "today", ranges, the running month against the one before, and running means.
// Days are the text YYYY-MM-DD of the data's own wall time; no time zone is ever applied to them.
import type { Day, Month } from '../api/types';

const DAY_MS = 86_400_000;

const textOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Days since 1970-01-01, and back. */
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS;
export const dayText = (number: number): string => textOf(number * DAY_MS);
export const plusDays = (day: string, count: number): string => dayText(dayNumber(day) + count);

/** The calendar's day where the reader is. */
export function calendarDay(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The day of the newest purchase that is not ahead of the calendar, so that old data is not an empty page. */
export function shopToday(days: readonly Day[], calendar: string): string | null {
  if (days.length === 0) return null;
  return days.findLast(({ day }) => day <= calendar)?.day ?? calendar;
}

export interface Range {
  from: string;
  to: string;
}

export const PRESETS = ['7', '30', '90', '365', 'all'] as const;
/** `whole` has the days far from the others, too. */
export type Preset = (typeof PRESETS)[number] | 'whole';

/** `first` is where the shop's days begin in earnest, see bulk.ts. */
export function presetRange(preset: Preset, days: readonly Day[], today: string, first = days[0]?.day ?? today): Range {
  if (preset === 'whole') return { from: days[0]?.day ?? today, to: [today, days.at(-1)?.day ?? today].reduce((a, b) => (a > b ? a : b)) };
  if (preset === 'all') return { from: first, to: today };
  const from = plusDays(today, 1 - Number(preset));
  return { from: from < first ? first : from, to: today };
}

/** Every calendar day of the range, those without a purchase with zero. */
export function filled(days: readonly Day[], range: Range): Day[] {
  const known = new Map(days.map((day) => [day.day, day]));
  return daysOf(range).map((day) => known.get(day) ?? { day, orders: 0, revenue_cents: 0 });
}

const LONG_DAYS = 400;
let written: { range: Range; days: readonly string[] } | null = null;

/** The calendar's days. The last are kept: each update of a shop asks for the same, and a long history has many. */
function daysOf(range: Range): readonly string[] {
  if (written?.range.from === range.from && written.range.to === range.to) return written.days;
  const [from, count] = [dayNumber(range.from), dayNumber(range.to) - dayNumber(range.from) + 1];
  const days = Array.from({ length: Math.max(0, count) }, (_, i) => dayText(from + i));
  if (count >= LONG_DAYS) written = { range, days };
  return days;
}

/** The mean of each value and those before it, `over` in all; null while there are not yet so many. */
export function runningMean(values: readonly number[], over: number): (number | null)[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= over ? (values[i - over] ?? 0) : 0);
    return i >= over - 1 ? sum / over : null;
  });
}

export interface Change {
  now: number;
  before: number;
  /** null where there is nothing to compare with. */
  ratio: number | null;
}

const change = (now: number, before: number): Change => ({ now, before, ratio: before > 0 ? now / before - 1 : null });

function lastMonth(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return textOf(Date.UTC(year, month - 2, 1)).slice(0, 7);
}

/** The running month up to today against the same days of the month before. */
export function againstLastMonth(days: readonly Day[], today: string, of: (day: Day) => number): Change {
  const month = today.slice(0, 7);
  const before = lastMonth(today);
  const upTo = today.slice(8);
  let [now, then] = [0, 0];
  for (const row of days) {
    if (row.day.slice(8) > upTo) continue;
    if (row.day.startsWith(month)) now += of(row);
    else if (row.day.startsWith(before)) then += of(row);
  }
  return change(now, then);
}

/** The same without the largest day of each month, which one large order may have made; none where days are few. */
export function withoutLargestDay(days: readonly Day[], today: string, of: (day: Day) => number): Change | null {
  const [month, before, upTo] = [today.slice(0, 7), lastMonth(today), today.slice(8)];
  const rest = (name: string): number | null => {
    const values = days.filter((row) => row.day.startsWith(name) && row.day.slice(8) <= upTo).map(of);
    return values.length < FEWEST_DAYS ? null : values.reduce((sum, value) => sum + value, 0) - values.reduce((most, value) => Math.max(most, value));
  };
  const [now, then] = [rest(month), rest(before)];
  return now === null || then === null ? null : change(now, then);
}

/** Fewer are not worth a comparison without one of them. */
const FEWEST_DAYS = 3;

export interface DayFigures {
  revenue_cents: number;
  orders: number;
  /** The same weekday of the week before, all of it; null where the shop was not open yet. */
  before_cents: number | null;
}

/** A day that is over against the same weekday before, whole against whole. */
export const overDay = ({ revenue_cents, before_cents }: DayFigures): Change | null => (before_cents === null ? null : change(revenue_cents, before_cents));

export function dayOf(days: readonly Day[], today: string): DayFigures {
  const at = (day: string): Day | undefined => days.findLast((row) => row.day === day);
  const [now, before] = [at(today), plusDays(today, -7)];
  const isOpen = days[0] !== undefined && days[0].day <= before;
  return { revenue_cents: now?.revenue_cents ?? 0, orders: now?.orders ?? 0, before_cents: isOpen ? (at(before)?.revenue_cents ?? 0) : null };
}

export interface Week {
  monday: string;
  revenue_cents: number;
  orders: number;
  /** Its finished days against the same ones of the week before; null on a Monday. */
  finished: Change | null;
  /** The last of the finished days. */
  until: string;
}

export function weekOf(days: readonly Day[], today: string, monday: string): Week {
  const sum = (from: string, to: string): Day => days.reduce((all, row) => (row.day < from || row.day > to ? all : { ...all, orders: all.orders + row.orders, revenue_cents: all.revenue_cents + row.revenue_cents }), { day: from, orders: 0, revenue_cents: 0 });
  const until = plusDays(today, -1);
  const all = sum(monday, today);
  const finished = until < monday ? null : change(sum(monday, until).revenue_cents, sum(plusDays(monday, -7), plusDays(until, -7)).revenue_cents);
  return { monday, revenue_cents: all.revenue_cents, orders: all.orders, finished, until };
}

/** Whether a month still runs on this day of the calendar: its figures are not yet whole. */
export function isPartial(month: Month['month'], calendar: string): boolean {
  const isLastDay = plusDays(calendar, 1).slice(0, 7) !== calendar.slice(0, 7);
  return month === calendar.slice(0, 7) && !isLastDay;
}

/** Every month from the first to the last of these, those without a sale with zeros. */
export function filledMonths(months: readonly Month[]): Month[] {
  const known = new Map(months.map((row) => [row.month, row]));
  const [first, last] = [months[0]?.month, months.at(-1)?.month];
  const all: Month[] = [];
  for (let month = first; month !== undefined && last !== undefined && month <= last; month = nextMonth(month)) {
    all.push(known.get(month) ?? { month, orders: 0, customers: 0, revenue_cents: 0, average_basket_cents: null });
  }
  return all;
}

function nextMonth(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return number === 12 ? `${String(year + 1).padStart(4, '0')}-01` : `${month.slice(0, 5)}${String(number + 1).padStart(2, '0')}`;
}
