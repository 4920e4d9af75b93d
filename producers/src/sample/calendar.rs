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
/// The least weight of an hour of a shop that is watched: its nights are not dead.
const HOUR_MIN: u64 = 18;
/// How many sales an average day of such a shop has. Half a million a year load in about a second; in
/// the daytime somebody buys every half minute.
const DAY_SALES: u64 = 2_000;
/// The weight of an average day: what the weights of a year come to.
const DAY_WEIGHT: u64 = 1_030_000;
/// How much of 100 a day may be better or worse than it should be.
const LUCK_PERCENT: u64 = 6;
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

/// The hours of a shop that is watched, weighed second by second.
pub(super) fn watched_hours() -> Weights {
    Weights::new(HOURS.map(|weight| weight.max(HOUR_MIN) * HOUR_SECONDS))
}

/// So many seconds of a day in their order, spread as the hours weigh: drawn one from each of as many
/// parts of the day, so that no wait is longer than two of them.
pub(super) fn spread(hours: &Weights, count: u64, random: &mut Random) -> Vec<u32> {
    let all = hours.sum();
    let second = |number| {
        let (hour, into, weight) = hours.at((all * number + random.below(all)) / count);
        (hour as u64 * HOUR_SECONDS + into * HOUR_SECONDS / weight) as u32
    };
    (0..count).map(second).collect()
}

/// How many sales the shop that opened on `first` has on a day.
pub(super) fn sales_on(first: Day, day: Day, random: &mut Random) -> u64 {
    let year_percent = GROWTH_PERCENT * u64::from(day.0.saturating_sub(first.0)) / 365;
    let luck = random.between(100 - LUCK_PERCENT, 100 + LUCK_PERCENT);
    // Feasts move it half as much: a chart of thirty days is not to be one of them.
    let weekday = WEEKDAYS[day.weekday() as usize - 1];
    let weight = season(day) * weekday * (100 + feast_percent(day)) / 2;
    let weight = weight * (100 + year_percent) * luck;
    DAY_SALES * weight / (DAY_WEIGHT * 100 * 100)
}

/// How good a time of the year is: from the middle of one month to that of the next without a step.
fn season(day: Day) -> u64 {
    const MIDDLE: u32 = 15;
    const LENGTH: u64 = 30;
    let (_, month, day_of_month) = day.to_civil();
    let this = month as usize - 1;
    let (other, away) = if day_of_month < MIDDLE {
        ((this + 11) % 12, MIDDLE - day_of_month)
    } else {
        ((this + 1) % 12, day_of_month - MIDDLE)
    };
    let away = u64::from(away);
    (MONTHS[this] * (LENGTH - away) + MONTHS[other] * away) / LENGTH
}

fn day_weight(day: Day) -> u64 {
    let (_, month, _) = day.to_civil();
    let usual = MONTHS[month as usize - 1] * WEEKDAYS[day.weekday() as usize - 1];
    usual * feast_percent(day)
}

/// What feasts make of a day.
fn feast_percent(day: Day) -> u64 {
    let (_, month, day_of_month) = day.to_civil();
    match (month, day_of_month, day.weekday()) {
        (1, 1, _) | (12, 25, _) => 35,
        (12, 24, _) => 60,
        (12, 10..=20, _) => 130,
        (12, 26..=31, _) => 70,
        // The last Friday of November, and the days around it.
        (11, 23..=29, 5) => 260,
        (11, 24..=30, 6 | 7) => 160,
        _ => 100,
    }
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
        let mut random = Random::new(3, Use::Rush);
        let hours = hours();
        let mut counts = [0u32; 24];
        for _ in 0..20_000 {
            counts[second_of_day(&hours, &mut random) as usize / 3600] += 1;
        }
        assert!(counts[20] > counts[16] && counts[12] > counts[15] && counts[3] * 20 < counts[12]);
    }

    #[test]
    fn a_year_of_the_watched_shop_has_its_average_and_no_two_weeks_differ_much() {
        let first = Day::parse("2025-11-01").unwrap();
        let on = |day| {
            let day = Day(day);
            sales_on(first, day, &mut Random::of_day(1, Use::DailyPurchases, day))
        };
        let sum: u64 = (first.0..first.0 + 365).map(on).sum();
        assert!((1_950..2_350).contains(&(sum / 365)), "{}", sum / 365);
        for day in (0..365).map(|day| Day::parse("2026-01-12").unwrap().0 + day) {
            let (_, month, of_month) = Day(day).to_civil();
            // But for the last weeks of the year and the first of the next, with their feasts.
            let is_usual = (2..=10).contains(&month) || (month == 1 && of_month > 12);
            assert!(!is_usual || on(day) * 100 / on(day - 7) < 130, "{}", Day(day));
            assert!(!is_usual || on(day) * 100 / on(day - 7) > 77, "{}", Day(day));
        }
    }

    #[test]
    fn nights_of_the_watched_shop_are_quiet_and_not_dead() {
        let mut random = Random::new(3, Use::Rush);
        let seconds = spread(&watched_hours(), 2_000, &mut random);
        assert!(seconds.len() == 2_000 && seconds.is_sorted() && seconds[1_999] < 86_400);
        let mut counts = [0u32; 24];
        for second in &seconds {
            counts[*second as usize / 3600] += 1;
        }
        assert!(counts.iter().all(|count| *count > 25) && counts[20] > 4 * counts[3], "{counts:?}");
        let waits: Vec<_> = seconds.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(waits.iter().all(|wait| *wait < 300), "{waits:?}");
        assert!(spread(&watched_hours(), 0, &mut random).is_empty());
    }

    #[test]
    fn every_day_of_the_period_has_a_weight() {
        assert_eq!(days(Day(20_058), Day(20_453)).len(), 396);
        assert_eq!(days(Day(5), Day(5)).len(), 1);
    }
}
