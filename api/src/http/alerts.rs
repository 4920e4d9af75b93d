//! `GET /api/v1/alerts`, `/alerts/{id}` and `POST …/acknowledge`: what a person should know, and that he does.

use super::problem::Problem;
use super::query::NoParameters;
use crate::alerting::Alert;
use crate::server::Server;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use goldstream_alerts::book::Acknowledged;
use goldstream_platform::settings::Receiver;
use goldstream_platform::store::StoreError;
use serde::Serialize;
use std::sync::Arc;

/// All that is known of alerts.
#[derive(Debug, Serialize)]
pub(super) struct Alerts {
    /// Whether somebody is to be told, and so whether anything is looked at.
    enabled: bool,
    /// Who is told.
    receivers: Vec<String>,
    /// Messages that are still to be sent.
    waiting_messages: usize,
    /// Incidents, the newest first.
    rows: Vec<Alert>,
}

/// `GET /api/v1/alerts`.
pub(super) async fn alerts(
    State(server): State<Arc<Server>>,
    _: NoParameters,
) -> Result<Json<Alerts>, Problem> {
    let alerting = &server.state.alerting;
    alerting.refresh().await.map_err(away)?;
    let settings = alerting.settings();
    let receivers = settings.map(|settings| &*settings.receivers).unwrap_or_default();
    Ok(Json(Alerts {
        enabled: settings.is_some(),
        receivers: receivers.iter().map(Receiver::name).collect(),
        waiting_messages: alerting.book().outbox.messages().len(),
        rows: alerting.alerts(),
    }))
}

/// `GET /api/v1/alerts/{id}`.
pub(super) async fn alert(
    State(server): State<Arc<Server>>,
    id: Result<Path<String>, PathRejection>,
    _: NoParameters,
) -> Result<Json<Alert>, Problem> {
    let id = named(id)?;
    server.state.alerting.refresh().await.map_err(away)?;
    shown(&server, &id)
}

/// `POST /api/v1/alerts/{id}/acknowledge`.
pub(super) async fn acknowledge(
    State(server): State<Arc<Server>>,
    id: Result<Path<String>, PathRejection>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Json<Alert>, Problem> {
    let id = named(id)?;
    server.must_be_asked_by_own_page(&headers)?;
    let alerting = &server.state.alerting;
    alerting.refresh().await.map_err(away)?;
    match alerting.change(|book| book.acknowledge(&id)).await.map_err(away)? {
        Acknowledged::Is => shown(&server, &id),
        Acknowledged::Unknown => Err(missing()),
        Acknowledged::Over => {
            Err(Problem::new(StatusCode::CONFLICT, "it is over: there is nothing to acknowledge"))
        }
    }
}

fn named(id: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(id) = id.map_err(|why| Problem::new(why.status(), why.body_text()))?;
    Ok(id)
}

fn shown(server: &Server, id: &str) -> Result<Json<Alert>, Problem> {
    let alerting = &server.state.alerting;
    let found = alerting.book().find(id).map(|incident| alerting.alert(incident));
    found.map(Json).ok_or_else(missing)
}

fn missing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such incident")
}

/// Why is told among the troubles.
#[allow(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn away(error: StoreError) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}
