//! The models against what came, as of each week of a history: what docs/forecast.md tells. Pure.

use crate::forecast::{DayForecast, TEST_DAYS, cents, forecast, missed_percent};
use crate::history::{HISTORY_DAYS_MIN, History};
use crate::model::Model;

/// How one way of forecasting did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// What it missed of each day, on average over the weeks asked, in percent of what was sold.
    pub error_percent: f64,
    /// By how much it missed the sum of the days, up or down, on average.
    pub sum_error_percent: f64,
}

/// Both models and what would have been served, as of each week.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// As of how many weeks each was asked for the next [`TEST_DAYS`] days.
    pub origins: usize,
    /// The seasonal trend.
    pub stl: Score,
    /// The same weekday of the week before.
    pub naive: Score,
    /// The one of both that was better over the days before: what is served.
    pub served: Score,
    /// How many of 100 days lay within the band.
    pub within_band_percent: f64,
}

/// Asks again as of each week, without what came after; none where there is no week to ask.
#[must_use]
pub fn backtest(history: &History) -> Option<Backtest> {
    let values = history.values();
    let mut scores: [Vec<(f64, f64)>; 3] = Default::default();
    let (mut inside, mut open) = (0_usize, 0_usize);
    let origins = (0..).map_while(|week| values.len().checked_sub(TEST_DAYS + 7 * week));
    for origin in origins.take_while(|origin| *origin >= HISTORY_DAYS_MIN) {
        let Some(known) = history.until(origin) else { continue };
        // A history ends with a sale: where the days before the origin were closed, it is asked as of before them.
        let came = &values[known.len()..known.len() + TEST_DAYS];
        let learned = known.values();
        let served = forecast(&known);
        let expected = served.days[..TEST_DAYS].iter().map(|day| day.expected_cents as f64);
        let expected: Vec<f64> = expected.collect();
        let [stl, naive] =
            [Model::Stl, Model::SeasonalNaive].map(|it| it.predict(&learned, TEST_DAYS));
        for (scores, expected) in scores.iter_mut().zip([&stl, &naive, &expected]) {
            let Some(missed) = missed_percent(expected, came) else { continue };
            let (expected, came): (f64, f64) = (expected.iter().sum(), came.iter().sum());
            scores.push((missed, 100.0 * (expected / came - 1.0).abs()));
        }
        let days = served.days.iter().zip(came);
        for (day, came) in days.filter(|(day, came)| is_open(day, **came)) {
            open += 1;
            inside += usize::from((day.low_cents..=day.high_cents).contains(&cents(*came)));
        }
    }
    let [stl, naive, served] = scores.each_ref().map(|scores| score(scores));
    let origins = scores[0].len();
    let within_band_percent = 100.0 * inside as f64 / open.max(1) as f64;
    (origins > 0).then_some(Backtest { origins, stl, naive, served, within_band_percent })
}

fn is_open(day: &DayForecast, came: f64) -> bool {
    day.high_cents > 0 || came > 0.0
}

fn score(each: &[(f64, f64)]) -> Score {
    let count = each.len().max(1) as f64;
    let error_percent = each.iter().map(|(error, _)| error).sum::<f64>() / count;
    let sum_error_percent = each.iter().map(|(_, error)| error).sum::<f64>() / count;
    Score { error_percent, sum_error_percent }
}
