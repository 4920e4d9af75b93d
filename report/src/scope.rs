//! What a report is about: the days of its period and those before, with their sums. The one place that says which
//! they are.

use crate::figures::Sum;
use crate::period::{Period, Range};
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::moment::Day;

/// Two periods, one held against the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) range: Range,
    /// None where the shop had not begun yet.
    pub(crate) before: Option<Range>,
    pub(crate) now: Sum,
    pub(crate) then: Option<Sum>,
}

impl Scope {
    /// That of a period, as of the last day that has come.
    pub(crate) fn of(days: &[DayReport], period: Period, today: Day) -> Self {
        let first = days.first().map_or(today, |row| row.day);
        let range = period.range(first, today);
        let before = period.before(range).filter(|before| before.from >= first);
        let (now, then) = (Sum::of(days, range), before.map(|before| Sum::of(days, before)));
        Self { range, before, now, then }
    }
}
