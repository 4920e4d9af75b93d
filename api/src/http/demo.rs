//! `POST /api/v1/demo`: how fast the clock of a made-up shop runs, and its rush hours.

use super::problem::Problem;
use super::query::NoParameters;
use crate::limits::{BODY_MAX, DEMO_BODY_BYTES_MAX};
use crate::server::Server;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use goldstream_domain::moment::Moment;
use goldstream_platform::shop_clock::{FAST, Refused, ShopClock};
use http_body_util::{BodyExt, Limited};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::time::timeout;

/// What the clock of a made-up shop shows.
#[derive(Debug, Serialize)]
pub(super) struct ShopTime {
    now: Moment,
    pace: u32,
    ahead_seconds: u64,
    rush_seconds: u64,
}

impl ShopTime {
    pub(super) fn of(clock: &ShopClock) -> Self {
        let read = clock.read();
        Self {
            now: read.now,
            pace: read.pace,
            ahead_seconds: read.ahead_seconds,
            rush_seconds: read.rush_seconds,
        }
    }
}

/// What is wished; what is not named stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    pace: Option<u32>,
    #[serde(default)]
    rush_hour: bool,
}

/// `POST /api/v1/demo`.
pub(super) async fn demo(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ShopTime>, Problem> {
    server.must_be_asked_by_own_page(&headers)?;
    let Some(clock) = &server.state.shop_clock else {
        let detail = "this process does not make rows up: only run --demo has a shop of its own";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    };
    let wish = read(body).await?;
    if let Some(pace) = wish.pace {
        clock.run(pace).map_err(refused)?;
    }
    if wish.rush_hour {
        clock.begin_rush().map_err(refused)?;
    }
    Ok(Json(ShopTime::of(clock)))
}

async fn read(body: Body) -> Result<Wish, Problem> {
    let bad = || {
        let detail = format!(r#"give {{"pace":1}}, {{"pace":{FAST}}} or {{"rush_hour":true}}"#);
        Problem::new(StatusCode::BAD_REQUEST, detail)
    };
    let read = timeout(BODY_MAX, Limited::new(body, DEMO_BODY_BYTES_MAX).collect()).await;
    let body = read.map_err(|_| bad())?.map_err(|_| bad())?.to_bytes();
    let wish: Wish = serde_json::from_slice(&body).map_err(|_| bad())?;
    let is_known = wish.pace.is_none_or(|pace| pace == 1 || pace == FAST);
    if is_known && (wish.pace.is_some() || wish.rush_hour) { Ok(wish) } else { Err(bad()) }
}

fn refused(refused: Refused) -> Problem {
    Problem::new(StatusCode::CONFLICT, refused.to_string())
}
