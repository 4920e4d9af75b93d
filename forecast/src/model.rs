//! The models: what comes after a row of values, one a day, as far as a week repeats itself. Pure.

use stlrs::Stl;

const WEEK: usize = 7;
/// A weekday without a purchase for so many weeks is one on which the shop is closed.
const CLOSED_WEEKS: usize = 8;
/// The level is that of the last weeks: fewer follow chance, more come late.
const LEVEL_WEEKS: usize = 4;
/// Over how many weeks a weekday's share is smoothed. Chosen, as the weeks above, by measurement: docs/forecast.md.
const SEASONAL_WEEKS: usize = 35;

/// How the next days are told from those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// Each weekday's share by STL, on the level of the last four weeks.
    Stl,
    /// The same weekday of the last week.
    SeasonalNaive,
}

impl Model {
    /// As it is called in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stl => "stl",
            Self::SeasonalNaive => "seasonal_naive",
        }
    }

    /// What is expected of that many days after at least a week of values.
    pub(crate) fn predict(self, values: &[f64], days: usize) -> Vec<f64> {
        match self {
            Self::Stl => of_open_days(values, days),
            Self::SeasonalNaive => last_season(values, days, WEEK),
        }
    }
}

fn last_season(values: &[f64], days: usize, period: usize) -> Vec<f64> {
    let last = &values[values.len() - period..];
    last.iter().copied().cycle().take(days).collect()
}

/// Without the weekdays on which the shop is closed: a hole each week is no season.
fn of_open_days(values: &[f64], days: usize) -> Vec<f64> {
    let recent = &values[values.len().saturating_sub(CLOSED_WEEKS * WEEK)..];
    // Of the weekday that comes so many days after the last value.
    let is_open = |ahead: usize| {
        let same = recent.iter().rev().skip(WEEK - 1 - ahead % WEEK).step_by(WEEK);
        same.into_iter().any(|value| *value > 0.0)
    };
    let is_open: Vec<_> = (0..WEEK).map(is_open).collect();
    let period = is_open.iter().filter(|is_open| **is_open).count();
    let back = WEEK - values.len() % WEEK;
    let open = values.iter().enumerate().filter(|(at, _)| is_open[(at + back) % WEEK]);
    let open: Vec<f64> = open.map(|(_, value)| *value).collect();
    let wanted = (0..days).filter(|ahead| is_open[ahead % WEEK]).count();
    let mut expected = seasonal(&open, wanted, period).into_iter();
    let of_day = |ahead: usize| match is_open[ahead % WEEK] {
        true => expected.next().unwrap_or_default().max(0.0),
        false => 0.0,
    };
    (0..days).map(of_day).collect()
}

/// The last season's shape on the level of the last weeks.
fn seasonal(values: &[f64], days: usize, period: usize) -> Vec<f64> {
    if period == 0 {
        return Vec::new();
    }
    let weeks = &values[values.len().saturating_sub(LEVEL_WEEKS * period)..];
    let fit = Stl::params().seasonal_length(SEASONAL_WEEKS).fit(values, period);
    let Ok(fit) = fit else {
        // Open on one day a week only: there is no shape.
        return vec![mean(weeks); days];
    };
    let seasons = fit.seasonal();
    let level = mean(weeks) - mean(&seasons[seasons.len() - weeks.len()..]);
    last_season(seasons, days, period).into_iter().map(|season| level + season).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
