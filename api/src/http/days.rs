//! `from` and `to`: the days of a question, both inclusive, either open.

use super::lists::Filter;
use super::problem::Problem;
use super::query::{Parameters, bad};
use goldstream_domain::moment::Day;

/// The days from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    pub(super) from: Day,
    pub(super) to: Day,
}

impl Days {
    /// All that there are.
    pub(super) const ALL: Self = Self { from: Day(0), to: Day(u32::MAX) };

    /// Whether none is left out.
    pub(super) fn are_all(self) -> bool {
        self == Self::ALL
    }

    /// Whether this is one of them.
    pub(super) fn hold(self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

impl Filter for Days {
    fn take(parameters: &mut Parameters) -> Result<Self, Problem> {
        let wanted = "a day between 1970 and 2199, YYYY-MM-DD";
        let from = parameters.take_as("from", wanted, Day::parse)?.unwrap_or(Self::ALL.from);
        let to = parameters.take_as("to", wanted, Day::parse)?.unwrap_or(Self::ALL.to);
        if from > to {
            return Err(bad(format!("from is a day up to {to}, not {from}")));
        }
        Ok(Self { from, to })
    }
}
