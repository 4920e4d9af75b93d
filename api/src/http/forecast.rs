//! `GET /api/v1/forecast`: what the next days are expected to bring, and at what the month ends.

use super::format::Format;
use super::problem::Problem;
use super::query::Parameters;
use crate::forecast::history;
use crate::server::Server;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use goldstream_domain::moment::{Day, Month};
use goldstream_forecast::{DAYS_MAX, DayForecast, Forecast, HISTORY_DAYS_MIN, MonthForecast};
use serde::Serialize;
use std::sync::Arc;

/// How many days are told where nobody says.
pub(super) const DAYS_DEFAULT: usize = 30;

#[derive(Debug, Serialize)]
pub(super) struct Told {
    model: &'static str,
    trained_from: Day,
    trained_to: Day,
    error_percent: Option<f64>,
    naive_error_percent: Option<f64>,
    month: ToldMonth,
    days: Vec<ToldDay>,
}

#[derive(Debug, Serialize)]
struct ToldMonth {
    month: Month,
    so_far_cents: i64,
    expected_cents: i64,
    low_cents: i64,
    high_cents: i64,
}

#[derive(Debug, Serialize)]
struct ToldDay {
    day: Day,
    expected_cents: i64,
    low_cents: i64,
    high_cents: i64,
}

impl Told {
    fn of(forecast: &Forecast, days: usize) -> Self {
        let told = |it: &DayForecast| {
            let DayForecast { day, expected_cents, low_cents, high_cents } = *it;
            ToldDay { day, expected_cents, low_cents, high_cents }
        };
        let MonthForecast { month, so_far_cents, expected_cents, low_cents, high_cents } =
            forecast.month;
        Self {
            model: forecast.model.name(),
            trained_from: forecast.trained_from,
            trained_to: forecast.trained_to,
            error_percent: forecast.error_percent,
            naive_error_percent: forecast.naive_error_percent,
            month: ToldMonth { month, so_far_cents, expected_cents, low_cents, high_cents },
            days: forecast.days.iter().take(days).map(told).collect(),
        }
    }
}

/// `GET /api/v1/forecast`.
pub(super) async fn forecast(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Json<Told>, Problem> {
    Format::negotiate(&mut parameters, &headers, &Format::JSON_ONLY)?;
    let wanted = format!("a whole number from 1 to {DAYS_MAX}");
    let count = |text: &str| text.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    let days = parameters.take_as("days", &wanted, count)?.unwrap_or(DAYS_DEFAULT);
    parameters.none_left()?;
    server.must_be_loaded()?;
    let history = history(&server.state).map_err(|few| {
        let problem = Problem::new(StatusCode::CONFLICT, few.to_string());
        let problem = problem.with("reason", "too_few_days").with("days", few.days);
        problem.with("days_needed", HISTORY_DAYS_MIN)
    })?;
    let forecast = server.forecasts.of(history).await.ok_or_else(Problem::internal)?;
    Ok(Json(Told::of(&forecast, days)))
}
