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

/** Whether a month still runs on the shop's today: its figures are not yet whole. */
export function isPartial(month: Month['month'], today: string): boolean {
  const isLastDay = plusDays(today, 1).slice(0, 7) !== today.slice(0, 7);
  return month === today.slice(0, 7) && !isLastDay;
}
