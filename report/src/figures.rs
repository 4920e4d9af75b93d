//! The figures of a report, from gold. Sums of days and nothing else: gold has no other periods, and none is invented.

use crate::period::{Range, first_of};
use goldstream_domain::gold::report::{CustomerReport, DayReport, MonthReport};
use goldstream_domain::moment::{Day, Month};
use goldstream_domain::money::mean_half_even;

/// What some days brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) revenue_cents: i64,
    pub(crate) orders: u64,
    /// Days with a purchase.
    pub(crate) open_days: u64,
}

impl Sum {
    pub(crate) fn of(days: &[DayReport], range: Range) -> Self {
        let mut sum = Self::default();
        for row in days.iter().filter(|row| range.has(row.day)) {
            sum.revenue_cents += row.revenue_cents;
            sum.orders += row.orders;
            sum.open_days += 1;
        }
        sum
    }

    pub(crate) fn basket_cents(&self) -> Option<i64> {
        mean_half_even(self.revenue_cents, self.orders)
    }
}

/// How the days of a range are summed up for a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Week,
    Month,
}

/// A chart has room for so many marks.
const DAYS_MAX: u32 = 62;
const WEEKS_MAX: u32 = 60 * 7;

impl Unit {
    pub(crate) fn of(range: Range) -> Self {
        let days = range.days();
        if days <= DAYS_MAX {
            return Self::Day;
        }
        if days <= WEEKS_MAX { Self::Week } else { Self::Month }
    }

    /// The first day of what a day is in.
    fn start(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => Day(day.0.saturating_sub(day.weekday() - 1)),
            Self::Month => first_of(day.month()),
        }
    }
}

/// Each mark of a range by its first day, those without a purchase with nothing.
pub(crate) fn marks(days: &[DayReport], range: Range, unit: Unit) -> Vec<(Day, i64)> {
    let mut marks: Vec<(Day, i64)> = Vec::new();
    for day in (range.from.0..=range.to.0).map(Day) {
        let start = unit.start(day);
        if marks.last().is_none_or(|(last, _)| *last != start) {
            marks.push((start, 0));
        }
    }
    for row in days.iter().filter(|row| range.has(row.day)) {
        let start = unit.start(row.day);
        let at = marks.partition_point(|(day, _)| *day < start);
        if let Some((_, cents)) = marks.get_mut(at) {
            *cents += row.revenue_cents;
        }
    }
    marks
}

/// Who bought in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Buyers {
    pub(crate) month: Month,
    pub(crate) all: u64,
    /// Those who never had before.
    pub(crate) new: u64,
}

/// The last months up to one, newest last. A customer is new in the month of his first purchase.
pub(crate) fn buyers(
    months: &[MonthReport],
    customers: &[CustomerReport],
    to: Month,
    count: usize,
) -> Vec<Buyers> {
    let known: Vec<_> = months.iter().filter(|row| row.month <= to).collect();
    let last = &known[known.len().saturating_sub(count)..];
    let mut buyers: Vec<_> =
        last.iter().map(|row| Buyers { month: row.month, all: row.customers, new: 0 }).collect();
    for first in customers.iter().filter_map(|row| row.first_purchase) {
        let month = first.day().month();
        if let Ok(at) = buyers.binary_search_by_key(&month, |row| row.month) {
            buyers[at].new += 1;
        }
    }
    buyers
}
