//! `GET /api/v1/report.pdf`: the figures of a period, to be printed. It reads what is asked for, and makes nothing.

use super::problem::Problem;
use super::query::{Parameters, bad};
use crate::reporting::MEDIA_TYPE;
use crate::reporting::making::make;
use crate::reporting::wish::Wish;
use crate::server::Server;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use goldstream_domain::language::Language;
use goldstream_report::{Names, Period};
use std::sync::Arc;

/// What it is about where nobody says.
pub(super) const PERIOD_DEFAULT: &str = "30d";

fn read(parameters: &mut Parameters) -> Result<Wish, Problem> {
    let period = parameters.take("period");
    let period = Period::parse(period.as_deref().unwrap_or(PERIOD_DEFAULT));
    let period = period.map_err(|error| bad(error.to_string()))?;
    let language = parameters.take_as("lang", "fr or en", Language::parse)?;
    let names = parameters.take_as("names", "yes or no", |text| match text {
        "yes" => Some(Names::Shown),
        "no" => Some(Names::Hidden),
        _ => None,
    })?;
    parameters.none_left()?;
    let language = language.unwrap_or(Language::Fr);
    Ok(Wish { period, language, names: names.unwrap_or(Names::Hidden) })
}

/// `GET /api/v1/report.pdf`.
pub(super) async fn report(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let wish = read(&mut parameters)?;
    let made = make(&server, wish).await?;
    let name = format!("inline; filename=\"goldstream-{}.pdf\"", made.last);
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, made.pdf).into_response())
}
