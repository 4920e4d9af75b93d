//! The period of a report: its names, which days it has, and which days it is held against. The one place that
//! reads them. Pure: what day it is, is an argument.

use goldstream_domain::moment::{Day, Month};
use thiserror::Error;

/// What may be asked for.
pub const PERIODS: &str = "7d, 30d, 90d, month, last-month, year, all, a month as 2026-03, or two days as 2026-01-01..2026-03-31";

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// So many days up to today.
    Days(u32),
    /// The running month up to today.
    Month,
    /// The whole month before it.
    LastMonth,
    /// A whole month.
    Whole(Month),
    /// The running year up to today.
    Year,
    /// Everything.
    All,
    /// From one day to another.
    Between(Day, Day),
}

/// It is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a period is one of {PERIODS}, not {0:?}")]
pub struct NoPeriod(pub String);

/// Days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

impl Period {
    /// By its name.
    ///
    /// # Errors
    /// Where there is none of that name.
    pub fn parse(text: &str) -> Result<Self, NoPeriod> {
        let between = || {
            let (from, to) = text.split_once("..")?;
            let (from, to) = (Day::parse(from)?, Day::parse(to)?);
            (from <= to).then_some(Self::Between(from, to))
        };
        match text {
            "7d" => Ok(Self::Days(7)),
            "30d" => Ok(Self::Days(30)),
            "90d" => Ok(Self::Days(90)),
            "month" => Ok(Self::Month),
            "last-month" => Ok(Self::LastMonth),
            "year" => Ok(Self::Year),
            "all" => Ok(Self::All),
            _ => Month::parse(text)
                .map(Self::Whole)
                .or_else(between)
                .ok_or_else(|| NoPeriod(text.to_owned())),
        }
    }

    /// Its days, as of a day, in a shop whose first day is `first`.
    #[must_use]
    pub fn range(self, first: Day, today: Day) -> Range {
        let month = first_of(today.month());
        let (year, _, _) = today.to_civil();
        let (from, to) = match self {
            Self::Days(count) => (Day((today.0 + 1).saturating_sub(count)), today),
            Self::Month => (month, today),
            Self::LastMonth => (first_of(day_before(month).month()), day_before(month)),
            Self::Whole(month) => (first_of(month), last_of(month)),
            Self::Year => (Day::from_civil(year, 1, 1).unwrap_or(today), today),
            Self::All => (first, today.max(first)),
            Self::Between(from, to) => (from, to),
        };
        Range { from, to }
    }

    /// The days that they are held against: as many before, or the same ones of the month or year before. None
    /// where there is nothing before.
    #[must_use]
    pub fn before(self, range: Range) -> Option<Range> {
        let Range { from, to } = range;
        let before = match self {
            Self::All => return None,
            // The first month that there is has none before it.
            Self::LastMonth | Self::Whole(_) => {
                let last = Day(from.0.checked_sub(1)?);
                Range { from: first_of(last.month()), to: last }
            }
            Self::Month => {
                let last = day_before(from);
                let begin = first_of(last.month());
                Range { from: begin, to: Day(begin.0 + range.days() - 1).min(last) }
            }
            Self::Year => {
                let (year, month, day) = to.to_civil();
                // The 29th of February has the 28th before it.
                let same = (0..3).find_map(|less| Day::from_civil(year - 1, month, day - less))?;
                Range { from: Day::from_civil(year - 1, 1, 1)?, to: same }
            }
            Self::Days(_) | Self::Between(..) => {
                Range { from: Day(from.0.checked_sub(range.days())?), to: day_before(from) }
            }
        };
        Some(before)
    }
}

impl Range {
    /// How many days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.to.0 + 1 - self.from.0
    }

    pub(crate) fn has(self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

fn day_before(day: Day) -> Day {
    Day(day.0.saturating_sub(1))
}

pub(crate) fn first_of(month: Month) -> Day {
    let (year, month) = month.to_civil();
    Day::from_civil(year, month, 1).unwrap_or(Day(0))
}

/// The day before the first of the next month.
fn last_of(month: Month) -> Day {
    let (year, number) = month.to_civil();
    let next = if number == 12 { (year + 1, 1) } else { (year, number + 1) };
    // The last month of the calendar has 31 days, as every December.
    Day::from_civil(next.0, next.1, 1).map_or(Day(first_of(month).0 + 30), day_before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn check(name: &str, today: &str, expected: &str, before: Option<&str>) {
        let period = Period::parse(name).unwrap();
        let range = period.range(day("2010-12-01"), day(today));
        let text = |Range { from, to }: Range| format!("{from}..{to}");
        assert_eq!(text(range), expected, "{name}");
        assert_eq!(period.before(range).map(text).as_deref(), before, "{name}");
    }

    #[test]
    fn each_name_has_its_days_and_those_before() {
        check("7d", "2011-03-02", "2011-02-24..2011-03-02", Some("2011-02-17..2011-02-23"));
        check("30d", "2011-03-02", "2011-02-01..2011-03-02", Some("2011-01-02..2011-01-31"));
        check("month", "2011-03-10", "2011-03-01..2011-03-10", Some("2011-02-01..2011-02-10"));
        check("month", "2011-03-31", "2011-03-01..2011-03-31", Some("2011-02-01..2011-02-28"));
        check("last-month", "2011-01-10", "2010-12-01..2010-12-31", Some("2010-11-01..2010-11-30"));
        check("year", "2012-02-29", "2012-01-01..2012-02-29", Some("2011-01-01..2011-02-28"));
        check("all", "2011-03-02", "2010-12-01..2011-03-02", None);
        // A month that is named is that month, whatever day it is.
        for today in ["2011-03-02", "2012-12-31", "2010-01-01"] {
            check("2011-02", today, "2011-02-01..2011-02-28", Some("2011-01-01..2011-01-31"));
            check("2012-12", today, "2012-12-01..2012-12-31", Some("2012-11-01..2012-11-30"));
        }
        check("1970-01", "2011-03-02", "1970-01-01..1970-01-31", None);
        check("2199-12", "2011-03-02", "2199-12-01..2199-12-31", Some("2199-11-01..2199-11-30"));
        let two = "2011-01-10..2011-01-12";
        check(two, "2011-03-02", two, Some("2011-01-07..2011-01-09"));
    }

    #[test]
    fn what_is_no_period_is_refused_with_those_that_are() {
        for text in
            ["", "8d", "MONTH", "2011-13", "2011-01-10", "2011-01-10..", "2011-02-01..2011-01-01"]
        {
            let refused = Period::parse(text).unwrap_err();
            assert!(refused.to_string().contains("last-month"), "{refused}");
        }
    }
}
