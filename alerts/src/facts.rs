//! What is known of shop and stream, kept up to date by what gold's feed changes. No rule is here.

use goldstream_domain::gold::merge::Sales;
use goldstream_domain::moment::{Day, Hour, Moment, Month};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Gold was loaded anew: what was known of days is past.
    Reloaded,
    /// Revenue of a day; none where it has none any more.
    Day(Day, Option<i64>),
    /// What was sold in the hours that [`crate::judge::hours_wanted`] names, of those of them that come once on
    /// the shop's clock; it takes the place of what was known of hours.
    Hours(BTreeMap<Hour, Sales>),
    /// A purchase was made at that moment.
    Purchased(Moment),
    /// All rows that were counted, and those that were refused.
    Counted(Counted),
    /// What waits for the stages.
    Waiting(Waiting),
    /// The audit has looked.
    Audited(Audit),
    /// The time, on both clocks.
    Clock(Now),
}

/// Rows by fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// All.
    pub rows: u64,
    /// Refused ones.
    pub refused_rows: u64,
}

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The oldest row has waited so long: milliseconds.
    For(u64),
    /// Inputs are read for the first time, or all rows are counted anew: numbers are a part of what they will be.
    CatchingUp,
    /// The log does not tell.
    Unknown,
}

/// What the last audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// In how many places gold differs.
    pub differences: u64,
    /// The first of them.
    pub first: String,
}

/// One moment on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The shop's wall clock, by which purchases are dated.
    pub local: Moment,
    /// Milliseconds since 1970 UTC.
    pub utc_ms: i64,
}

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    days: BTreeMap<Day, i64>,
    hours: BTreeMap<Hour, Sales>,
    pub(crate) last_purchase: Option<Moment>,
    pub(crate) counted: Option<Counted>,
    pub(crate) waiting: Option<Waiting>,
    /// Since when it is not known what waits.
    pub(crate) unknown_since: Option<Moment>,
    pub(crate) audit: Option<Audit>,
    pub(crate) now: Option<Now>,
}

impl Facts {
    /// Takes one event in.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Reloaded => {
                self.days.clear();
                self.hours.clear();
                self.last_purchase = None;
                self.counted = None;
            }
            Event::Day(day, Some(revenue_cents)) => {
                self.days.insert(day, revenue_cents);
            }
            Event::Day(day, None) => {
                self.days.remove(&day);
            }
            Event::Hours(hours) => self.hours = hours,
            Event::Purchased(at) => self.last_purchase = self.last_purchase.max(Some(at)),
            Event::Counted(counted) => self.counted = Some(counted),
            Event::Waiting(waiting) => {
                if waiting != Waiting::Unknown {
                    self.unknown_since = None;
                }
                self.waiting = Some(waiting);
            }
            Event::Audited(audit) => self.audit = Some(audit),
            Event::Clock(now) => {
                if self.waiting == Some(Waiting::Unknown) {
                    self.unknown_since.get_or_insert(now.local);
                }
                self.now = Some(now);
            }
        }
    }

    /// Revenue of a day.
    pub(crate) fn revenue_cents(&self, day: Day) -> i64 {
        self.days.get(&day).copied().unwrap_or_default()
    }

    /// What was sold in an hour; none where that is not known, or the hour came not once.
    pub(crate) fn hour(&self, hour: Hour) -> Option<Sales> {
        self.hours.get(&hour).copied()
    }

    /// The first day with a sale.
    pub(crate) fn first_day(&self) -> Option<Day> {
        self.days.keys().next().copied()
    }

    /// Revenue of a month.
    pub(crate) fn month_cents(&self, month: Month) -> i64 {
        let (year, number) = month.to_civil();
        let Some(first) = Day::from_civil(year, number, 1) else { return 0 };
        let days = self.days.range(first..).take_while(|(day, _)| day.month() == month);
        days.map(|(_, cents)| cents).sum()
    }
}
