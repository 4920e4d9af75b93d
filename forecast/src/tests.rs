//! What a forecast must be, whatever the shop.

use super::*;
use goldstream_domain::moment::Day;
use proptest::collection::vec;
use proptest::prelude::*;

const NEVER: Day = Day(u32::MAX);

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A Monday.
fn monday() -> Day {
    day("2026-01-05")
}

/// Days from a Monday on; those with nothing are not told, as gold does not tell them.
fn history(cents: impl IntoIterator<Item = i64>) -> History {
    let days = (monday().0..).zip(cents).filter(|(_, cents)| *cents > 0);
    History::of(days.map(|(day, cents)| (Day(day), cents)), NEVER).unwrap()
}

/// Numbers that look drawn, and are the same each time: from 0 to 99.
fn drawn(count: usize) -> impl Iterator<Item = i64> {
    let mut state = 42_u64;
    (0..count).map(move |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % 100
    })
}

/// Twice as much at the week's end, and chance.
fn a_usual_shop(days: usize) -> History {
    let week = [100, 100, 110, 120, 150, 220, 210];
    history(week.into_iter().cycle().zip(drawn(days)).map(|(usual, chance)| usual * (50 + chance)))
}

#[test]
fn eight_weeks_are_enough_and_a_day_less_is_not() {
    let of = |count: u32| History::of((0..count).map(|at| (Day(at), 1)), NEVER);
    assert_eq!(of(55), Err(TooFewDays { days: 55 }));
    assert_eq!(of(0), Err(TooFewDays { days: 0 }));
    assert_eq!(forecast(&of(56).unwrap()).trained_to, Day(55));
}

#[test]
fn a_day_that_is_not_over_is_not_learned_from() {
    let days = || (0..60).map(|at| (Day(at), 1));
    assert_eq!(History::of(days(), Day(59)).unwrap().to(), Day(58));
    assert_eq!(History::of(days(), Day(60)).unwrap().to(), Day(59));
    // What lies ahead of the calendar is a mistake in the rows.
    assert_eq!(History::of(days().chain([(Day(9_000), 5)]), Day(61)).unwrap().to(), Day(59));
}

#[test]
fn days_without_a_purchase_are_zeros_and_a_few_old_ones_are_no_history() {
    let lonely = [(Day(3), 7)];
    let shop = (1_000..1_100).filter(|at| at % 10 > 0).map(|at| (Day(at), 5));
    let history = History::of(lonely.into_iter().chain(shop), NEVER).unwrap();
    assert_eq!((history.from(), history.to()), (Day(1_001), Day(1_099)));
    assert_eq!(history.values().iter().filter(|value| **value == 0.0).count(), 9);
}

#[test]
fn a_history_of_many_years_is_cut_to_two() {
    let history = History::of((0..5_000).map(|at| (Day(at), 5)), NEVER).unwrap();
    assert_eq!((history.from(), history.to()), (Day(4_270), Day(4_999)));
}

#[test]
fn on_a_weekday_on_which_the_shop_is_closed_nothing_is_expected() {
    let is_saturday = |at: usize| at % 7 == 5;
    let days = drawn(120).enumerate();
    let told = forecast(&history(
        days.map(|(at, chance)| if is_saturday(at) { 0 } else { 1_000 + chance }),
    ));
    for row in &told.days {
        let is_closed = row.day.weekday() == 6;
        assert_eq!(row.high_cents == 0, is_closed, "{row:?}");
        assert_eq!(row.expected_cents == 0, is_closed, "{row:?}");
    }
    assert_eq!(told.model, Model::Stl);
}

#[test]
fn weekdays_are_told_apart_and_chance_is_not_repeated() {
    let told = forecast(&a_usual_shop(200));
    let (error, naive) = (told.error_percent.unwrap(), told.naive_error_percent.unwrap());
    assert!(told.model == Model::Stl && error < naive, "{error} {naive}");
    let of =
        |weekday| told.days.iter().find(|row| row.day.weekday() == weekday).unwrap().expected_cents;
    assert!(of(6) > of(1) * 3 / 2, "{} {}", of(6), of(1));
}

#[test]
fn where_it_is_not_better_the_naive_one_speaks_and_is_named() {
    let growing = (0..140).map(|at| (1_000.0 * 1.15_f64.powi(at / 7)) as i64 + i64::from(at % 7));
    let history = history(growing);
    let told = forecast(&history);
    assert!(told.naive_error_percent < told.error_percent, "{told:?}");
    assert_eq!(told.model, Model::SeasonalNaive);
    let last_week = &history.values()[133..];
    let expected: Vec<_> = told.days[..7].iter().map(|row| row.expected_cents as f64).collect();
    assert_eq!(expected, last_week);
    // As good is not better.
    let flat = forecast(&self::history(std::iter::repeat_n(500, 70)));
    assert_eq!((flat.error_percent, flat.naive_error_percent), (Some(0.0), Some(0.0)));
    assert_eq!(flat.model, Model::SeasonalNaive);
}

#[test]
fn four_of_five_days_lie_within_the_band() {
    let tested = backtest(&a_usual_shop(500)).unwrap();
    assert!((75.0..=88.0).contains(&tested.within_band_percent), "{tested:?}");
    assert!(tested.stl.error_percent < tested.naive.error_percent, "{tested:?}");
    assert!(tested.served.error_percent < tested.naive.error_percent, "{tested:?}");
}

#[test]
fn a_month_is_what_it_has_and_what_is_expected_of_the_rest() {
    // From 2026-01-05 on, so the last day is 2026-03-16.
    let told = forecast(&history(std::iter::repeat_n(500, 71)));
    assert_eq!((told.trained_to, told.month.month), (day("2026-03-16"), day("2026-03-01").month()));
    assert_eq!(told.month.so_far_cents, 16 * 500);
    assert_eq!(told.month.expected_cents, 31 * 500);
    // On its last day the next one begins.
    let told = forecast(&history(std::iter::repeat_n(500, 86)));
    assert_eq!((told.trained_to, told.month.month), (day("2026-03-31"), day("2026-04-01").month()));
    assert_eq!((told.month.so_far_cents, told.month.expected_cents), (0, 30 * 500));
}

#[test]
fn a_shop_that_is_open_one_day_a_week_has_a_forecast() {
    let told = forecast(&history((0..120).map(|at| if at % 7 == 2 { 700 } else { 0 })));
    assert_eq!(told.days.iter().filter(|row| row.expected_cents == 700).count(), 12);
    assert_eq!(told.days.iter().map(|row| row.expected_cents).sum::<i64>(), 12 * 700);
}

#[test]
fn a_shop_that_sold_nothing_for_weeks_and_then_once_has_a_forecast() {
    let days = (0..60).map(|at| (Day(at), 500)).chain([(Day(149), 500)]);
    let told = forecast(&History::of(days, NEVER).unwrap());
    assert!(told.days.iter().all(|row| row.expected_cents >= 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_the_days_are_a_forecast_is_in_order_and_the_same_twice(
        cents in vec(prop_oneof![Just(0), 0_i64..500, 0_i64..1_000_000_000_000], 56..260),
    ) {
        let last = [5, 1];
        let history = history([9].into_iter().chain(cents).chain(last));
        let told = forecast(&history);
        prop_assert_eq!(&told, &forecast(&history));
        prop_assert_eq!(told.days.len(), DAYS_MAX);
        for (ahead, row) in (1..).zip(&told.days) {
            prop_assert_eq!(row.day.0, told.trained_to.0 + ahead);
            prop_assert!(0 <= row.low_cents, "{:?}", row);
            prop_assert!(row.low_cents <= row.expected_cents, "{:?}", row);
            prop_assert!(row.expected_cents <= row.high_cents, "{:?}", row);
        }
        let month = told.month;
        prop_assert!(month.so_far_cents <= month.low_cents, "{:?}", month);
        prop_assert!(month.low_cents <= month.expected_cents, "{:?}", month);
        prop_assert!(month.expected_cents <= month.high_cents, "{:?}", month);
    }
}
