//! `/v0`: the batch system's API, so that its clients run unchanged with only their base address
//! changed: French names, plain arrays, euros as numbers, known customers and countries only.
//!
//! Parameters that it does not know are ignored, and a value outside the limits is a 422 of the
//! form that those clients read.

use super::lists::{Weight, weigh};
use super::problem::Problem;
use super::query::Parameters;
use super::tables::when_ranked;
use super::v0_rows::{Client, Country, IdPlace, Month, Product, Totals};
use crate::server::Server;
use crate::view::View;
use crate::view::ranked::{Order, Ranking};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use goldstream_domain::gold::rows::CustomerRow;
use serde::Serialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

/// Largest number that may be skipped: more customers than anybody has.
const SKIP_MAX: u64 = i64::MAX as u64;

/// `GET /v0/`.
pub(super) async fn root() -> Response {
    let endpoints = json!({
        "health": "/v0/health",
        "clients": "/v0/clients?limit=100&skip=0&pays=France",
        "products": "/v0/products",
        "monthly": "/v0/monthly",
        "countries": "/v0/countries",
        "top_clients": "/v0/top-clients?limit=10",
        "stats": "/v0/stats/summary",
    });
    let message = "goldstream: the batch system's API; /api/v1 knows more";
    let version = env!("CARGO_PKG_VERSION");
    Json(json!({ "message": message, "version": version, "endpoints": endpoints })).into_response()
}

/// `GET /v0/health`.
pub(super) async fn health(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    server.must_be_loaded()?;
    let collections = ["clients", "products", "monthly", "countries"];
    let body = json!({ "status": "healthy", "database": "goldstream", "collections": collections });
    Ok(Json(body).into_response())
}

/// `GET /v0/clients`.
pub(super) async fn clients(
    State(server): State<Arc<Server>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut query = Query::of(&uri)?;
    let limit = query.number("limit", 1..=1_000, 100);
    let skip = query.number("skip", 0..=SKIP_MAX, 0);
    let country = query.text("pays");
    if let Some(refusal) = query.refusal() {
        return Ok(refusal);
    }
    server.must_be_loaded()?;
    let view = server.state.view.clone();
    let work = move || page(&view, country.as_deref(), skip, limit);
    let clients = weigh(Weight::Heavy, work).await?;
    Ok(Json(clients).into_response())
}

fn page(view: &View, country: Option<&str>, skip: u64, limit: u64) -> Vec<Client> {
    let rows = view.read_ranked(|_, ranking| by_id(ranking, country, skip, limit));
    rows.iter().map(|row| Client::new(row)).collect()
}

/// Known customers by id, of one country where one is named. Only those before the end of the page
/// are put in order and looked at.
fn by_id(ranking: &Ranking, country: Option<&str>, skip: u64, limit: u64) -> Vec<Arc<CustomerRow>> {
    let order = match country {
        None => Some(ranking.customers().order()),
        Some(country) => ranking.customers_of(&Some(country.into())),
    };
    let rows = order.into_iter().flat_map(Order::rows);
    let places = rows.map(|(id, _)| Reverse((IdPlace::of(id), id)));
    let mut places: BinaryHeap<_> = places.collect::<Vec<_>>().into();
    let mut skipped = 0;
    let mut page = Vec::new();
    while page.len() < limit as usize
        && let Some(Reverse((_, id))) = places.pop()
    {
        let row = ranking.customers().get(id).filter(|row| row.profile.is_some());
        let Some(row) = row else { continue };
        if skipped < skip {
            skipped += 1;
        } else {
            page.push(Arc::clone(row));
        }
    }
    page
}

/// `GET /v0/top-clients`.
pub(super) async fn top_clients(
    State(server): State<Arc<Server>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut query = Query::of(&uri)?;
    let limit = query.number("limit", 1..=100, 10);
    if let Some(refusal) = query.refusal() {
        return Ok(refusal);
    }
    server.must_be_loaded()?;
    list(&server, move |view| view.read_ranked(|_, ranking| top(ranking, limit))).await
}

/// `GET /v0/products`.
pub(super) async fn products(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    list(&server, |view| {
        view.read_ranked(|_, ranking| {
            let rows = ranking.products().order().rows();
            rows.map(|(key, of)| Product::new(key, of)).collect::<Vec<_>>()
        })
    })
    .await
}

/// `GET /v0/monthly`.
pub(super) async fn monthly(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    list(&server, |view| {
        view.read(|state| {
            let rows = state.tables().months.iter();
            rows.map(|(month, of)| Month::new(*month, of)).collect::<Vec<_>>()
        })
    })
    .await
}

/// `GET /v0/countries`.
pub(super) async fn countries(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    list(&server, |view| {
        let mut rows: Vec<Country> = view.read(|state| {
            let countries = state.tables().countries.iter();
            countries.filter_map(|(key, of)| Some(Country::new(key.as_ref()?, of))).collect()
        });
        rows.sort_by_key(Country::place);
        rows
    })
    .await
}

async fn list<R: Serialize + Send + 'static>(
    server: &Server,
    read: impl FnOnce(&View) -> Vec<R> + Send + 'static,
) -> Result<Response, Problem> {
    server.must_be_loaded()?;
    let view = server.state.view.clone();
    let rows = weigh(when_ranked(&server.state.view), move || read(&view)).await?;
    Ok(Json(rows).into_response())
}

/// Known customers, largest revenue first.
fn top(ranking: &Ranking, limit: u64) -> Vec<Client> {
    let rows = ranking.customers().order().rows().map(|(_, row)| row);
    let known = rows.filter(|row| row.profile.is_some());
    known.take(limit as usize).map(|row| Client::new(row)).collect()
}

/// `GET /v0/stats/summary`.
pub(super) async fn summary(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    server.must_be_loaded()?;
    let began = Instant::now();
    let (summary, months) = server
        .state
        .view
        .read(|state| (state.summary().clone(), state.tables().months.len() as u64));
    Ok(Json(Totals::new(&summary, months, began)).into_response())
}

/// The parameters of a request, and what is wrong with them.
struct Query {
    pairs: Vec<(String, String)>,
    wrong: Vec<Value>,
}

impl Query {
    fn of(uri: &Uri) -> Result<Self, Problem> {
        let pairs = Parameters::pairs(uri.query().unwrap_or_default())?;
        Ok(Self { pairs, wrong: Vec::new() })
    }

    /// The last one of a name counts.
    fn text(&self, name: &str) -> Option<String> {
        self.pairs.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn number(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(text) = self.text(name) else { return default };
        let (least, most) = (*range.start(), *range.end());
        let wrong = match text.trim().parse::<i128>() {
            Err(_) => json!({
                "type": "int_parsing",
                "msg": "Input should be a valid integer, unable to parse string as an integer",
            }),
            Ok(number) if number < i128::from(least) => json!({
                "type": "greater_than_equal",
                "msg": format!("Input should be greater than or equal to {least}"),
                "ctx": { "ge": least },
            }),
            Ok(number) if number > i128::from(most) => json!({
                "type": "less_than_equal",
                "msg": format!("Input should be less than or equal to {most}"),
                "ctx": { "le": most },
            }),
            Ok(number) => return u64::try_from(number).unwrap_or(default),
        };
        self.wrong.push(with_place(wrong, name, &text));
        default
    }

    /// 422 with all that is wrong.
    fn refusal(&self) -> Option<Response> {
        if self.wrong.is_empty() {
            return None;
        }
        let body = Json(json!({ "detail": self.wrong }));
        Some((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
    }
}

fn with_place(mut wrong: Value, name: &str, input: &str) -> Value {
    if let Value::Object(members) = &mut wrong {
        members.insert("loc".to_owned(), json!(["query", name]));
        members.insert("input".to_owned(), json!(input));
    }
    wrong
}
