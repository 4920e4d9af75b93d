//! A report made of what is shown. Must not count: all of it is gold of one version, but for the forecast, which is
//! of its own minute, and what there was to be told.

use super::wish::{Made, Wish};
use crate::api_state::ApiState;
use crate::audits::Audited;
use crate::countries::code_of;
use crate::forecast::history;
use crate::http::problem::Problem;
use crate::server::Server;
use crate::shop_time::{shop_time_at, today};
use goldstream_alerts::incident::Incident;
use goldstream_alerts::words::Words;
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::moment::{Day, Moment};
use goldstream_report::{Alert, Cover, Range, Reader, Report, Verified};
use std::sync::Arc;

/// Makes one, once what is shown is loaded.
pub(crate) async fn make(server: &Arc<Server>, wish: Wish) -> Result<Made, Problem> {
    server.must_be_loaded()?;
    let forecast = match history(&server.state) {
        Ok(history) => server.forecasts.of(history).await,
        Err(_) => None,
    };
    let incidents = incidents(&server.state).await;
    // It holds all customers for a moment, as the whole gold does.
    let place = Arc::clone(&server.golds).acquire_owned().await.map_err(|_| Problem::internal())?;
    let server = Arc::clone(server);
    let made = tokio::task::spawn_blocking(move || {
        let (_, gold, _) = server.state.view.gold();
        let currency = server.state.currency.to_string();
        let last = last_day(&gold.days, today(&server.state));
        let reader = Reader { language: wish.language, currency: &currency };
        let report = Report {
            gold: &gold,
            today: last,
            period: wish.period,
            language: wish.language,
            currency: &currency,
            forecast: forecast.as_deref(),
            verified: server.audits.latest().map(verified),
            names: wish.names,
            code_of,
            alerts: None,
        };
        let range = report.range();
        let alerts = incidents.map(|incidents| alerts(&server.state, &incidents, range, reader));
        let pdf = Report { alerts: alerts.as_deref(), ..report }.pdf();
        drop(place);
        pdf.map(|pdf| Made { pdf, cover: Cover::of(&gold.days, wish.period, last, reader), last })
    });
    let made = made.await.map_err(|_| Problem::internal())?;
    made.map_err(|error| {
        tracing::error!(%error, "no report could be made");
        Problem::internal()
    })
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

/// All that is known of incidents, where somebody is to be told of them.
async fn incidents(state: &ApiState) -> Option<Vec<Incident>> {
    let alerting = &state.alerting;
    alerting.settings()?;
    // Where the store is away, the last that was read are told; that it is away is told elsewhere.
    if let Err(error) = alerting.refresh().await {
        tracing::warn!(%error, "a report tells of the alerts that were known before");
    }
    Some(alerting.book().incidents)
}

/// Those that were open at some time within these days, the newest first.
fn alerts(
    state: &ApiState,
    incidents: &[Incident],
    range: Range,
    Reader { language, currency }: Reader<'_>,
) -> Vec<Alert> {
    let words = Words { language, currency, page: "" };
    let told = incidents.iter().rev().map(|incident| Alert {
        sentence: words.printed(&incident.figures),
        began: shop_time_at(state, incident.opened_at_ms),
        ended: incident.resolved_at_ms.map(|at_ms| shop_time_at(state, at_ms)),
    });
    let is_within = |alert: &Alert| {
        alert.began.day() <= range.to && alert.ended.is_none_or(|ended| ended.day() >= range.from)
    };
    told.filter(is_within).collect()
}
