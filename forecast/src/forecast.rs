//! What is expected of the days after a history, by the model that missed less of its last ones.

use crate::band::Errors;
use crate::history::History;
use crate::model::Model;
use goldstream_domain::moment::{Day, Month};

/// How many days ahead may be asked for.
pub const DAYS_MAX: usize = 90;
/// Over how many days the models are held against what came.
pub const TEST_DAYS: usize = 28;
/// What part of the days the band holds.
pub const BAND_PERCENT: u32 = 80;

/// What is expected of the days after the last that was learned from.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Which model speaks.
    pub model: Model,
    /// The first day that was learned from.
    pub trained_from: Day,
    /// The last one: the forecast begins the day after.
    pub trained_to: Day,
    /// By how much the seasonal trend missed the last [`TEST_DAYS`] days, forecast as of before them: the
    /// sum of what it missed each day by, in percent of what was sold. None where nothing was.
    pub error_percent: Option<f64>,
    /// The same of the naive one.
    pub naive_error_percent: Option<f64>,
    /// [`DAYS_MAX`] days.
    pub days: Vec<DayForecast>,
    /// The month of the first of them.
    pub month: MonthForecast,
}

/// What is expected of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayForecast {
    /// The day.
    pub day: Day,
    /// The middle.
    pub expected_cents: i64,
    /// One day of ten is below.
    pub low_cents: i64,
    /// One day of ten is above.
    pub high_cents: i64,
}

/// At what a month is expected to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthForecast {
    /// The month.
    pub month: Month,
    /// What its days up to the last that was learned from brought.
    pub so_far_cents: i64,
    /// That and what is expected of the rest.
    pub expected_cents: i64,
    /// One month of ten ends below.
    pub low_cents: i64,
    /// One month of ten ends above.
    pub high_cents: i64,
}

/// What is expected after this history.
#[must_use]
pub fn forecast(history: &History) -> Forecast {
    let values = history.values();
    let (error, naive_error) =
        (error_of(Model::Stl, &values), error_of(Model::SeasonalNaive, &values));
    let model = match (error, naive_error) {
        (Some(error), Some(naive)) if error < naive => Model::Stl,
        _ => Model::SeasonalNaive,
    };
    let expected = model.predict(&values, DAYS_MAX);
    let errors = Errors::of(model, &values);
    let first = history.to().0 + 1;
    let days = expected.iter().enumerate().map(|(ahead, value)| {
        let (low, high) = errors.of_day(ahead, *value);
        let [expected_cents, low_cents, high_cents] = [*value, low, high].map(cents);
        DayForecast { day: Day(first + ahead as u32), expected_cents, low_cents, high_cents }
    });
    Forecast {
        model,
        trained_from: history.from(),
        trained_to: history.to(),
        error_percent: error,
        naive_error_percent: naive_error,
        days: days.collect(),
        month: month_after(history, &expected, &errors),
    }
}

fn month_after(history: &History, expected: &[f64], errors: &Errors) -> MonthForecast {
    let first = history.to().0 + 1;
    let month = Day(first).month();
    let so_far_cents = history.sum_of(month);
    let left = (first..).take_while(|day| Day(*day).month() == month).count();
    let rest: f64 = expected[..left].iter().sum();
    let (low, high) = errors.of_sum(left, rest);
    let [expected, low, high] = [rest, low, high].map(cents);
    MonthForecast {
        month,
        so_far_cents,
        expected_cents: so_far_cents.saturating_add(expected),
        low_cents: so_far_cents.saturating_add(low),
        high_cents: so_far_cents.saturating_add(high),
    }
}

/// How far a model, knowing nothing of them, is off the last days: tenths of a percent.
fn error_of(model: Model, values: &[f64]) -> Option<f64> {
    let (known, came) = values.split_at(values.len() - TEST_DAYS);
    let missed = missed_percent(&model.predict(known, TEST_DAYS), came)?;
    Some((missed * 10.0).round() / 10.0)
}

/// The sum of what was missed each day, in percent of what came; none where nothing did.
pub(crate) fn missed_percent(expected: &[f64], came: &[f64]) -> Option<f64> {
    let missed: f64 =
        expected.iter().zip(came).map(|(expected, came)| (expected - came).abs()).sum();
    let sold: f64 = came.iter().sum();
    (sold > 0.0).then(|| 100.0 * missed / sold)
}

/// Whole cents; a day brings no less than nothing.
pub(crate) fn cents(value: f64) -> i64 {
    value.max(0.0).round() as i64
}
