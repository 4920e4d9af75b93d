//! How good the forecast is: the tables of docs/forecast.md, held against two shops.

use crate::harness::backtest::{online_retail, shops, tables};
use crate::harness::pages::text;
use goldstream_forecast::{Backtest, backtest, forecast};

#[test]
fn the_tables_of_the_page_are_what_the_models_would_have_missed() {
    let page = text("docs/forecast.md");
    for table in tables() {
        assert!(page.contains(&table), "docs/forecast.md has no table\n{table}");
    }
}

#[test]
fn the_forecast_misses_less_of_a_day_than_the_same_weekday_of_last_week() {
    for (_, history) in shops() {
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
