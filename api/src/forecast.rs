//! The forecast of what is shown: made when it is asked for and the days have changed, off the threads that
//! answer, and at most once a minute. Must not count: days come from the view.

use crate::api_state::ApiState;
use crate::limits::FORECAST_PACE;
use crate::shop_time::today;
use goldstream_forecast::{Forecast, History, TooFewDays, forecast};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The last forecast.
#[derive(Debug, Default)]
pub(crate) struct Forecasts {
    /// Who waits for it waits for the one that is being made.
    last: Mutex<Option<Made>>,
}

#[derive(Debug)]
struct Made {
    of: History,
    forecast: Arc<Forecast>,
    at: Instant,
}

impl Forecasts {
    /// That of a history; for a minute after one was made, that one. None where it could not be made.
    pub(crate) async fn of(&self, history: History) -> Option<Arc<Forecast>> {
        let mut last = self.last.lock().await;
        if let Some(made) = &*last
            && (made.of == history || made.at.elapsed() < FORECAST_PACE)
        {
            return Some(Arc::clone(&made.forecast));
        }
        let asked = history.clone();
        let made = tokio::task::spawn_blocking(move || forecast(&asked)).await;
        let made =
            made.inspect_err(|error| tracing::error!(%error, "a forecast could not be made"));
        let forecast = Arc::new(made.ok()?);
        *last = Some(Made { of: history, forecast: Arc::clone(&forecast), at: Instant::now() });
        Some(forecast)
    }
}

/// The whole days of what is shown.
pub(crate) fn history(state: &ApiState) -> Result<History, TooFewDays> {
    let today = today(state);
    let days: Vec<_> =
        state.view.read(|view| view.days().map(|row| (row.day, row.revenue_cents)).collect());
    History::of(days, today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::moment::Day;
    use std::time::Duration;

    fn history_of(days: u32) -> History {
        History::of((0..days).map(|at| (Day(at), 100 + i64::from(at))), Day(u32::MAX)).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_forecast_is_made_anew_where_the_days_have_changed_and_at_most_once_a_minute() {
        let forecasts = Forecasts::default();
        let of = async |days| forecasts.of(history_of(days)).await.unwrap();
        let first = of(60).await;
        assert_eq!(first.trained_to, Day(59));
        assert!(Arc::ptr_eq(&first, &of(60).await));
        tokio::time::advance(FORECAST_PACE - Duration::from_secs(1)).await;
        assert!(Arc::ptr_eq(&first, &of(61).await));
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = of(61).await;
        assert_eq!(second.trained_to, Day(60));
        tokio::time::advance(FORECAST_PACE * 100).await;
        assert!(Arc::ptr_eq(&second, &of(61).await));
    }
}
