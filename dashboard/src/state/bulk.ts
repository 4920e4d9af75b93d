// Where a shop's days really lie. One purchase of 1970, a missing date in disguise, must not make a picture of
// fifty empty years; one that is dated ahead of today neither. They are left out of the first view, and told.
import type { Day } from '../api/types';
import { dayNumber, type Range } from './calendar';

/** So far before the bulk, in days without a purchase between. */
export const GAP_DAYS = 366;
/** And fewer of the orders than this. */
export const SHARE_MAX = 0.01;

const ordersIn = (days: readonly Day[]): number => days.reduce((sum, row) => sum + row.orders, 0);

/** The first day of the bulk: after the last gap of over a year before which lie under 1 % of the orders. */
export function bulkStart(days: readonly Day[]): string | null {
  const most = ordersIn(days) * SHARE_MAX;
  let before = 0;
  let start = days[0]?.day ?? null;
  for (const [i, row] of days.entries()) {
    const last = days[i - 1];
    if (last) before += last.orders;
    if (before >= most && i > 0) break;
    if (last && dayNumber(row.day) - dayNumber(last.day) > GAP_DAYS) start = row.day;
  }
  return start;
}

export interface Outside {
  /** Orders before the first day of the view and after its last. */
  before: number;
  after: number;
}

export function outside(days: readonly Day[], view: Range): Outside {
  return { before: ordersIn(days.filter(({ day }) => day < view.from)), after: ordersIn(days.filter(({ day }) => day > view.to)) };
}
