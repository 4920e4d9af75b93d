//! How good the forecast is: the table of docs/forecast.md, held against two shops.

use crate::harness::pages::text;
use crate::harness::shop::expected_gold;
use goldstream_domain::gold::report::Gold;
use goldstream_domain::moment::Day;
use goldstream_forecast::{Backtest, History, Score, backtest, forecast};
use goldstream_producers::sample::{Plan, Shop};
use std::collections::BTreeMap;

/// All days of both shops are over.
const NEVER: Day = Day(u32::MAX);

fn online_retail() -> History {
    let gold: Gold = serde_json::from_str(&expected_gold()).unwrap();
    History::of(gold.days.iter().map(|row| (row.day, row.revenue_cents)), NEVER).unwrap()
}

/// What `goldstream generate` writes.
fn sample_shop() -> History {
    let mut file = Vec::new();
    Shop::new(Plan::default()).write_purchases(&mut file).unwrap();
    let mut days = BTreeMap::<Day, i64>::new();
    for row in csv::Reader::from_reader(file.as_slice()).records() {
        let row = row.unwrap();
        let cents: i64 = row[3].replace('.', "").parse().unwrap();
        assert_eq!(row[3].len() - row[3].find('.').unwrap(), 3, "two decimals");
        *days.entry(Day::parse(&row[2][..10]).unwrap()).or_default() += cents;
    }
    History::of(days, NEVER).unwrap()
}

/// The lines of the table that a shop gives.
fn lines(shop: &str, history: &History) -> Vec<String> {
    let Backtest { origins, stl, naive, served, within_band_percent } = backtest(history).unwrap();
    let models = [("`stl`", stl), ("`seasonal_naive`", naive), ("what is served", served)];
    let line = |(model, score): (&str, Score)| {
        let Score { error_percent, sum_error_percent } = score;
        format!("| {shop} | {model} | {error_percent:.1} % | {sum_error_percent:.1} % |")
    };
    let told = forecast(history);
    let (error, naive) = (told.error_percent.unwrap(), told.naive_error_percent.unwrap());
    let mut lines: Vec<_> = models.map(line).into();
    lines.push(format!("| {shop} | {origins} | {within_band_percent:.1} % |"));
    lines.push(format!("| {shop} | {error:.1} % | {naive:.1} % | `{}` |", told.model.name()));
    lines
}

#[test]
fn the_tables_of_the_page_are_what_the_models_would_have_missed() {
    let page = text("docs/forecast.md");
    for (shop, history) in [("Online Retail", online_retail()), ("sample shop", sample_shop())] {
        for line in lines(shop, &history) {
            assert!(page.contains(&line), "docs/forecast.md has no line\n{line}");
        }
    }
}

#[test]
fn the_forecast_misses_less_of_a_day_than_the_same_weekday_of_last_week() {
    for history in [online_retail(), sample_shop()] {
        let Backtest { naive, served, within_band_percent, .. } = backtest(&history).unwrap();
        assert!(served.error_percent < naive.error_percent, "{served:?} {naive:?}");
        assert!((75.0..85.0).contains(&within_band_percent), "{within_band_percent}");
    }
}

/// Online Retail sells on no Saturday.
#[test]
fn a_shop_that_is_closed_on_saturdays_is_expected_to_be() {
    let told = forecast(&online_retail());
    for row in told.days {
        assert_eq!(row.high_cents == 0, row.day.weekday() == 6, "{row:?}");
    }
}
