//! When people buy: months, weekdays, feasts and hours.

use super::random::{Random, Weights};
use goldstream_domain::moment::Day;

/// How good each month is, January first: the sales, the holidays, the presents.
const MONTHS: [u64; 12] = [96, 80, 88, 90, 92, 98, 93, 66, 98, 104, 138, 168];
/// How good each weekday is, Monday first.
const WEEKDAYS: [u64; 7] = [90, 92, 96, 98, 112, 128, 84];
/// How good each hour is: a peak at lunch, a higher one after dinner.
const HOURS: [u64; 24] =
    [6, 3, 1, 1, 1, 2, 6, 14, 26, 40, 52, 60, 76, 68, 48, 46, 52, 64, 84, 98, 110, 92, 52, 22];
const HOUR_SECONDS: u64 = 3600;
/// By how much of 100 the last day is better than the first, but for the season.
const GROWTH_PERCENT: u64 = 15;

/// The weights of all days of a period.
pub(super) fn days(first: Day, last: Day) -> Weights {
    let length = u64::from(last.0.saturating_sub(first.0)) + 1;
    Weights::new((first.0..=last.0).enumerate().map(|(index, day)| {
        let growth = 100 + GROWTH_PERCENT * index as u64 / length;
        day_weight(Day(day)) * growth
    }))
}

/// The weights of the hours of any day.
pub(super) fn hours() -> Weights {
    Weights::new(HOURS)
}

/// A second of the day.
pub(super) fn second_of_day(hours: &Weights, random: &mut Random) -> u32 {
    let hour = hours.pick(random) as u64;
    (hour * HOUR_SECONDS + random.below(HOUR_SECONDS)) as u32
}

fn day_weight(day: Day) -> u64 {
    let (_, month, day_of_month) = day.to_civil();
    let weekday = day.weekday();
    let usual = MONTHS[month as usize - 1] * WEEKDAYS[weekday as usize - 1];
    let percent = match (month, day_of_month, weekday) {
        (1, 1, _) | (12, 25, _) => 35,
        (12, 24, _) => 60,
        (12, 10..=20, _) => 130,
        (12, 26..=31, _) => 70,
        // The last Friday of November, and the days around it.
        (11, 23..=29, 5) => 260,
        (11, 24..=30, 6 | 7) => 160,
        _ => 100,
    };
    usual * percent
}

#[cfg(test)]
mod tests {
    use super::super::random::Use;
    use super::*;

    #[test]
    fn the_season_peaks_before_christmas_and_dips_in_august() {
        let day = |text: &str| day_weight(Day::parse(text).unwrap());
        assert!(day("2025-12-13") > day("2025-10-11"));
        assert!(day("2025-08-09") < day("2025-06-14"));
        assert!(day("2025-11-28") > 2 * day("2025-11-21"));
        assert!(day("2025-12-25") < day("2025-12-18") / 2);
        assert!(day("2025-05-10") > day("2025-05-12"));
    }

    #[test]
    fn evenings_are_busy_and_nights_are_not() {
        let mut random = Random::new(3, Use::Live);
        let hours = hours();
        let mut counts = [0u32; 24];
        for _ in 0..20_000 {
            counts[second_of_day(&hours, &mut random) as usize / 3600] += 1;
        }
        assert!(counts[20] > counts[16] && counts[12] > counts[15] && counts[3] * 20 < counts[12]);
    }

    #[test]
    fn every_day_of_the_period_has_a_weight() {
        assert_eq!(days(Day(20_058), Day(20_453)).len(), 396);
        assert_eq!(days(Day(5), Day(5)).len(), 1);
    }
}
