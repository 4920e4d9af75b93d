//! How far a model was off: asked again as of every week before, it is held against what came then.
//! Four of five days lay within what this tells, whatever shape the errors have. Pure.

use crate::model::Model;

const WEEK: usize = 7;
/// What a model learns from at least.
const LEARNED_DAYS_MIN: usize = 28;
/// As of how many weeks it is asked again: half a year.
const ORIGINS_MAX: usize = 26;
/// How far ahead errors are told apart: after four weeks they grow no more.
const AHEAD_DAYS: usize = 28;
/// Of fewer errors of one week ahead, those of all weeks are taken.
const ERRORS_MIN: usize = 40;
/// Sums over so many origins, or a shorter sum, whose errors are larger.
const SUMS_MIN: usize = 4;
/// A day of which little is expected may bring more than a multiple of it: at least this share of a usual one.
const SCALE_MIN: f64 = 0.25;
const OUTSIDE: f64 = 0.1;

/// The errors that a model made.
pub(crate) struct Errors {
    /// Of a day by how many weeks it is ahead; each is a share of what was expected, ascending.
    days: Vec<Vec<f64>>,
    /// Each origin's running sums: what was expected and what came.
    sums: Vec<Vec<(f64, f64)>>,
    usual: f64,
}

impl Errors {
    /// Those of a model over this history.
    pub(crate) fn of(model: Model, values: &[f64]) -> Self {
        let mut days = vec![Vec::new(); AHEAD_DAYS / WEEK];
        let mut sums = Vec::new();
        let origins = (1..=ORIGINS_MAX).map_while(|weeks| values.len().checked_sub(WEEK * weeks));
        for origin in origins.take_while(|origin| *origin >= LEARNED_DAYS_MIN) {
            let (known, came) = values.split_at(origin);
            let came = &came[..came.len().min(AHEAD_DAYS)];
            let expected = model.predict(known, came.len());
            let usual = usual(known);
            let mut sum = (0.0, 0.0);
            let mut running = Vec::with_capacity(came.len());
            for (ahead, (expected, came)) in expected.iter().zip(came).enumerate() {
                sum = (sum.0 + expected, sum.1 + came);
                running.push(sum);
                // Of a day on which it is closed there is nothing to tell.
                if *expected > 0.0 || *came > 0.0 {
                    days[ahead / WEEK].push((came - expected) / scale(*expected, usual));
                }
            }
            sums.push(running);
        }
        let all: Vec<f64> = days.iter().flatten().copied().collect();
        for errors in &mut days {
            if errors.len() < ERRORS_MIN {
                errors.clone_from(&all);
            }
            errors.sort_by(f64::total_cmp);
        }
        Self { days, sums, usual: usual(values) }
    }

    /// Between what a day of which this is expected lies, 0 being the first.
    pub(crate) fn of_day(&self, ahead: usize, expected: f64) -> (f64, f64) {
        let week = (ahead / WEEK).min(self.days.len() - 1);
        let by = if expected > 0.0 { scale(expected, self.usual) } else { 0.0 };
        around(&self.days[week], expected, by)
    }

    /// Between what a sum over so many days lies.
    pub(crate) fn of_sum(&self, days: usize, expected: f64) -> (f64, f64) {
        let of = |days: usize| {
            let sums = self.sums.iter().filter_map(|sums| sums.get(days - 1));
            let usual = self.usual * days as f64;
            let shares = sums.map(|(expected, came)| (came - expected) / scale(*expected, usual));
            let mut shares: Vec<_> = shares.collect();
            shares.sort_by(f64::total_cmp);
            shares
        };
        let lengths = (1..=days.min(AHEAD_DAYS)).rev();
        let errors = lengths.map(of).find(|errors| errors.len() >= SUMS_MIN).unwrap_or_default();
        around(&errors, expected, scale(expected, self.usual * days as f64))
    }
}

fn usual(values: &[f64]) -> f64 {
    let last = &values[values.len().saturating_sub(LEARNED_DAYS_MIN)..];
    last.iter().sum::<f64>() / last.len().max(1) as f64
}

fn scale(expected: f64, usual: f64) -> f64 {
    expected.max(SCALE_MIN * usual).max(1.0)
}

/// The tenth and the ninetieth of a hundred errors; of fewer than nine the outermost.
fn around(errors: &[f64], expected: f64, by: f64) -> (f64, f64) {
    let outer = ((errors.len() + 1) as f64 * OUTSIDE).floor() as usize;
    let at = outer.saturating_sub(1);
    let low = errors.get(at).copied().unwrap_or_default();
    let high = errors.iter().rev().nth(at).copied().unwrap_or_default();
    (expected + by * low.min(0.0), expected + by * high.max(0.0))
}
