//! What a shop's next days bring, from its days so far. Pure: days in, forecast out; no clock, no
//! randomness, no I/O. The same days give the same forecast.
//!
//! ```text
//! days ─► history ─► model: seasonal trend, or the naive one where that is not better
//!             └────► band: how far the same model was off, from every week before, to what came
//! ```

mod backtest;
mod band;
mod forecast;
mod history;
mod model;

pub use backtest::{Backtest, Score, backtest};
pub use forecast::{
    BAND_PERCENT, DAYS_MAX, DayForecast, Forecast, MonthForecast, TEST_DAYS, forecast,
};
pub use history::{GAP_DAYS_MAX, HISTORY_DAYS_MAX, HISTORY_DAYS_MIN, History, TooFewDays};
pub use model::Model;

#[cfg(test)]
mod tests;
