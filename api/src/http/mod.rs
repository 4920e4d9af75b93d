//! REST and the page: routes, and what holds for every answer.

mod around;
mod gold;
mod ops;
mod page;
pub(crate) mod problem;
mod query;
mod status;
mod tagged;
#[cfg(test)]
mod tests;
mod verify;

use crate::feed;
use crate::http::problem::Problem;
use crate::server::Server;
use axum::Router;
use axum::http::{Method, Uri};
use axum::middleware::from_fn;
use axum::routing::{get, post};
use std::sync::Arc;

/// All routes.
pub(crate) fn router(server: Arc<Server>) -> Router {
    let v1 = Router::new()
        .route("/gold", get(gold::gold))
        .route("/summary", get(gold::summary))
        .route("/accounting", get(gold::accounting))
        .route("/status", get(status::status))
        .route("/verify", post(verify::verify))
        .route("/feed", get(feed::upgrade));
    Router::new()
        .nest("/api/v1", v1)
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/version", get(ops::version))
        .route("/", get(page::index))
        .fallback(page::asset)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(around::timed))
        .layer(from_fn(around::unbroken))
        .with_state(server)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::method_not_allowed(&method, uri.path())
}
