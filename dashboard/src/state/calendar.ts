// The shop's own calendar: its "today", ranges, the running month against the one before, and running means.
// Days are the text YYYY-MM-DD of the data's own wall time; no time zone is ever applied to them.
import type { Day, Month } from '../api/types';

const DAY_MS = 86_400_000;

const moment = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const textOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const plusDays = (day: string, count: number): string => textOf(moment(day) + count * DAY_MS);

/** The calendar's day where the reader is. */
export function calendarDay(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The earlier of the newest purchase's day and the calendar's, so that old data is not an empty page. */
export function shopToday(days: readonly Day[], calendar: string): string | null {
  const newest = days.at(-1)?.day;
  if (newest === undefined) return null;
  return newest < calendar ? newest : calendar;
}

export interface Range {
  from: string;
  to: string;
}

export const PRESETS = ['7', '30', '90', '365', 'all'] as const;
export type Preset = (typeof PRESETS)[number];

export function presetRange(preset: Preset, days: readonly Day[], today: string): Range {
  const first = days[0]?.day ?? today;
  if (preset === 'all') return { from: first, to: today };
  const from = plusDays(today, 1 - Number(preset));
  return { from: from < first ? first : from, to: today };
}

/** Every calendar day of the range, those without a purchase with zero. */
export function filled(days: readonly Day[], range: Range): Day[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const all: Day[] = [];
  for (let day = range.from; day <= range.to; day = plusDays(day, 1)) {
    all.push(known.get(day) ?? { day, orders: 0, revenue_cents: 0 });
  }
  return all;
}

/** The mean of each day and the six before it; null while there are not yet seven. */
export function sevenDayMean(values: readonly number[]): (number | null)[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= 7 ? (values[i - 7] ?? 0) : 0);
    return i >= 6 ? sum / 7 : null;
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
