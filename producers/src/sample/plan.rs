//! What shop is wanted: its size, its period, its seed.

use goldstream_domain::moment::{Day, Month};

/// 2025-12-31: a fixed end, so that `generate` gives the same bytes in every year.
const LAST_DAY: Day = Day(20_453);
/// How many months before that of the last day the period begins.
const MONTHS_BEFORE: u16 = 12;

/// The plan of a sample shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many customers there are. Without any there are no purchases either.
    pub customers: u32,
    /// How many purchases they make, dirt not counted.
    pub purchases: u64,
    /// What all randomness follows from.
    pub seed: u64,
    /// The last day of the period, inclusive.
    pub last_day: Day,
    /// How many of 100 rows are dirty, 0 to 100.
    pub dirt_percent: u8,
}

impl Default for Plan {
    /// 1,500 customers and 23,663 clean purchases from 2024-12-01 to 2025-12-31.
    fn default() -> Self {
        Self { customers: 1500, purchases: 23_663, seed: 42, last_day: LAST_DAY, dirt_percent: 0 }
    }
}

impl Plan {
    /// The first day of the 13 months that end with the last day.
    #[must_use]
    pub fn first_day(&self) -> Day {
        let month = Month(self.last_day.month().0.saturating_sub(MONTHS_BEFORE));
        let (year, month) = month.to_civil();
        Day::from_civil(year, month, 1).unwrap_or(self.last_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_is_the_thirteen_months_that_end_with_the_last_day() {
        for (last, first) in [
            ("2025-12-31", "2024-12-01"),
            ("2026-02-01", "2025-02-01"),
            ("2024-02-29", "2023-02-01"),
        ] {
            let plan = Plan { last_day: Day::parse(last).unwrap(), ..Plan::default() };
            assert_eq!(plan.first_day().to_string(), first);
        }
        assert_eq!(Plan::default().last_day.to_string(), "2025-12-31");
    }
}
