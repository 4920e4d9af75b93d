//! The days that a forecast learns from: whole ones, without a hole. Must not know what day it is.

use goldstream_domain::moment::{Day, Month};
use thiserror::Error;

/// Eight weeks: four to learn from, and four to hold what was learned against.
pub const HISTORY_DAYS_MIN: usize = 56;
/// Two years: what is older says nothing of the next month's weeks, and costs time.
pub const HISTORY_DAYS_MAX: usize = 730;
/// After more days without a purchase a shop has begun anew; dates far from all others are no days of it.
pub const GAP_DAYS_MAX: u32 = 90;

/// A shop's days, one after the other. Those without a purchase are zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    from: Day,
    cents: Vec<i64>,
}

/// There are too few days to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a forecast needs {HISTORY_DAYS_MIN} whole days of history, and there are {days}")]
pub struct TooFewDays {
    /// How many there are.
    pub days: usize,
}

impl History {
    /// The days with a purchase, ascending, those before `today`, which may be half over. The last of
    /// them is the last one: days after it may have been without a purchase, or not have been read yet.
    ///
    /// # Errors
    /// Where they are too few.
    pub fn of(days: impl IntoIterator<Item = (Day, i64)>, today: Day) -> Result<Self, TooFewDays> {
        let mut from = Day(0);
        let mut cents: Vec<i64> = Vec::new();
        for (day, revenue_cents) in days.into_iter().take_while(|(day, _)| *day < today) {
            let next = from.0 + cents.len() as u32;
            if cents.is_empty() || day.0 > next + GAP_DAYS_MAX {
                (from, cents) = (day, Vec::new());
            } else {
                cents.extend((next..day.0).map(|_| 0));
            }
            cents.push(revenue_cents.max(0));
        }
        let days = cents.len();
        if days < HISTORY_DAYS_MIN {
            return Err(TooFewDays { days });
        }
        let old = days.saturating_sub(HISTORY_DAYS_MAX);
        cents.drain(..old);
        Ok(Self { from: Day(from.0 + old as u32), cents })
    }

    /// The first day.
    #[must_use]
    pub fn from(&self) -> Day {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(&self) -> Day {
        Day(self.from.0 + self.cents.len() as u32 - 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.cents.len()
    }

    /// The first `days` days, as they were known then; none where they are too few.
    pub(crate) fn until(&self, days: usize) -> Option<Self> {
        let last = self.cents[..days].iter().rposition(|cents| *cents > 0)?;
        let cents = self.cents[..=last].to_vec();
        (cents.len() >= HISTORY_DAYS_MIN).then_some(Self { from: self.from, cents })
    }

    /// What the days of a month brought, as far as they are known.
    pub(crate) fn sum_of(&self, month: Month) -> i64 {
        let days = (self.from.0..).zip(&self.cents);
        days.filter(|(day, _)| Day(*day).month() == month).map(|(_, cents)| cents).sum()
    }

    pub(crate) fn values(&self) -> Vec<f64> {
        self.cents.iter().map(|cents| *cents as f64).collect()
    }
}
