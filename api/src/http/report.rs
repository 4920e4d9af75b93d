//! `GET /api/v1/report.pdf`: the figures of a period, to be printed. Must not count: all of it is gold of one version,
//! but for the forecast, which is of its own minute.

use super::problem::Problem;
use super::query::{Parameters, bad};
use crate::audit::Audited;
use crate::countries::code_of;
use crate::forecast::{history, today};
use crate::server::Server;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::moment::{Day, Moment};
use goldstream_report::{Lang, Names, Period, Report, Verified};
use std::sync::Arc;

pub(super) const MEDIA_TYPE: &str = "application/pdf";
/// What it is about where nobody says.
pub(super) const PERIOD_DEFAULT: &str = "30d";
pub(super) const LANGS: [Lang; 2] = [Lang::Fr, Lang::En];

/// What is asked for.
struct Wish {
    period: Period,
    lang: Lang,
    names: Names,
}

impl Wish {
    fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        let period = parameters.take("period");
        let period = Period::parse(period.as_deref().unwrap_or(PERIOD_DEFAULT));
        let period = period.map_err(|error| bad(error.to_string()))?;
        let lang = parameters.take_as("lang", "fr or en", Lang::parse)?.unwrap_or(Lang::Fr);
        let names = parameters.take_as("names", "yes or no", |text| match text {
            "yes" => Some(Names::Shown),
            "no" => Some(Names::Hidden),
            _ => None,
        })?;
        parameters.none_left()?;
        Ok(Self { period, lang, names: names.unwrap_or(Names::Hidden) })
    }
}

/// `GET /api/v1/report.pdf`.
pub(super) async fn report(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let wish = Wish::read(&mut parameters)?;
    server.must_be_loaded()?;
    let forecast = match history(&server.state) {
        Ok(history) => server.forecasts.of(history).await,
        Err(_) => None,
    };
    // It holds all customers for a moment, as the whole gold does.
    let place = Arc::clone(&server.golds).acquire_owned().await.map_err(|_| Problem::internal())?;
    let made = tokio::task::spawn_blocking(move || {
        let (_, gold, _) = server.state.view.gold();
        let currency = server.state.currency.to_string();
        let last = last_day(&gold.days, today(&server.state));
        let report = Report {
            gold: &gold,
            today: last,
            period: wish.period,
            lang: wish.lang,
            currency: &currency,
            forecast: forecast.as_deref(),
            verified: server.audits.latest().map(verified),
            names: wish.names,
            code_of,
            alerts: &[],
        };
        let made = report.pdf();
        drop(place);
        (made, last)
    });
    let (pdf, last) = made.await.map_err(|_| Problem::internal())?;
    let pdf = pdf.map_err(|error| {
        tracing::error!(%error, "no report could be made");
        Problem::internal()
    })?;
    let name = format!("inline; filename=\"goldstream-{last}.pdf\"");
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, pdf).into_response())
}

/// The last day that is not ahead of the calendar, as the page has it.
fn last_day(days: &[DayReport], today: Day) -> Day {
    let come = days.partition_point(|row| row.day <= today);
    days[..come].last().map_or(today, |row| row.day)
}

fn verified(Audited { at_ms, verdict }: Audited) -> Verified {
    let at = Moment(at_ms.div_euclid(1000).max(0));
    Verified { at, rows: verdict.rows, differences: verdict.differences }
}
