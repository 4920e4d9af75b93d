//! What each hour of the week has sold: sums of gold's hours. It is no table of its own, and nothing is stored
//! of it.

use super::merge::Sales;
use crate::moment::Hour;
use serde::{Deserialize, Serialize};

const DAY_HOURS: u32 = 24;

/// Hours of a week.
pub const WEEK_HOURS: u32 = 7 * DAY_HOURS;

/// One hour of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekdayReport {
    /// Monday is 1, Sunday is 7.
    pub weekday: u32,
    /// 0 to 23.
    pub hour: u32,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

impl WeekdayReport {
    /// Its place in the week: 0 to 167.
    #[must_use]
    pub const fn of_week(&self) -> u32 {
        (self.weekday - 1) * DAY_HOURS + self.hour
    }

    const fn empty(of_week: u32) -> Self {
        let (weekday, hour) = (of_week / DAY_HOURS + 1, of_week % DAY_HOURS);
        Self { weekday, hour, orders: 0, revenue_cents: 0 }
    }
}

/// Every hour of the week from Monday's first on, those without a purchase included.
#[must_use]
pub fn weekday_reports<'a>(
    hours: impl IntoIterator<Item = (&'a Hour, &'a Sales)>,
) -> Vec<WeekdayReport> {
    let mut week: Vec<_> = (0..WEEK_HOURS).map(WeekdayReport::empty).collect();
    for (hour, sales) in hours {
        let of_week = (hour.day().weekday() - 1) * DAY_HOURS + hour.of_day();
        if let Some(row) = week.get_mut(of_week as usize) {
            row.orders += sales.orders;
            row.revenue_cents += sales.revenue_cents;
        }
    }
    week
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn hours_of_one_weekday_are_one_row_and_the_others_are_there_with_nothing() {
        let hour = |text: &str| Hour::parse(text).unwrap();
        let sold = |orders| Sales { orders, revenue_cents: orders as i64 * 100 };
        // Two Mondays and a Sunday.
        let hours = BTreeMap::from([
            (hour("2026-11-23T14"), sold(1)),
            (hour("2026-11-30T14"), sold(2)),
            (hour("2026-11-29T23"), sold(4)),
        ]);
        let week = weekday_reports(&hours);
        assert_eq!(week.len(), 168);
        assert!(week.iter().map(WeekdayReport::of_week).eq(0..168));
        let sold: Vec<_> = week.iter().filter(|row| row.orders > 0).collect();
        let row = |weekday, hour, orders| WeekdayReport {
            weekday,
            hour,
            orders,
            revenue_cents: orders as i64 * 100,
        };
        assert_eq!(sold, [&row(1, 14, 3), &row(7, 23, 4)]);
    }
}
