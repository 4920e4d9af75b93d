//! REST and the page: routes, and what holds for every answer.

mod alerts;
mod around;
mod backup;
mod backwards;
mod correctable;
mod cors;
mod days;
mod demo;
mod diff;
mod docs;
mod document;
mod fates;
mod files;
mod forecast;
mod format;
mod gold;
mod ingest;
pub(crate) mod kept;
mod lists;
pub(crate) mod metrics;
pub(crate) mod ops;
mod page;
pub(crate) mod problem;
mod quarantine;
pub(crate) mod query;
mod ranges;
mod rebuild;
mod receipts;
mod records;
mod report;
mod route;
mod routes;
mod search;
pub(crate) mod status;
mod streamed;
pub(crate) mod table;
mod tables;
mod tagged;
#[cfg(test)]
mod tests;
mod upload;
mod v0;
mod v0_rows;
mod verify;
mod weekdays;

#[cfg(test)]
pub(crate) use self::document::feed::json as feed_document;
#[cfg(test)]
pub(crate) use self::document::tests::must_be_golden;
use crate::http::docs::OpenApi;
use crate::http::problem::Problem;
use crate::http::route::{Door, Patience, Route};
use crate::http::routes::routes;
use crate::limits::{ANSWER_MAX, BODY_BYTES_MAX};
use crate::server::Server;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::MethodRouter;
use axum::{Extension, Router};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// All routes.
pub(crate) fn router(server: Arc<Server>) -> Router {
    let mut paths: BTreeMap<&str, Path> = BTreeMap::new();
    for route in routes() {
        let known = paths.remove(route.path).unwrap_or_default();
        paths.insert(route.path, known.with(route, &server));
    }
    let mut router = Router::new();
    for (path, Path { handler, allowed }) in paths {
        let refuse = move |method: Method, uri: Uri| async move {
            ([(header::ALLOW, allowed)], Problem::method_not_allowed(&method, uri.path()))
        };
        router = router.route(path, handler.fallback(refuse));
    }
    router
        .fallback(page::asset)
        .layer(Extension(OpenApi(openapi)))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(around::unbroken))
        .layer(from_fn_with_state(Arc::clone(&server), around::around))
        .layer(around::compression())
        .layer(map_response(around::weak_where_compressed))
        .with_state(server)
}

/// The API's document, made when somebody first asks.
fn openapi() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| document::openapi::json(routes()));
    &JSON
}

/// What is known of one path.
#[derive(Default)]
struct Path {
    handler: MethodRouter<Arc<Server>>,
    /// Its methods, as `Allow` has them.
    allowed: String,
}

impl Path {
    fn with(self, route: Route, server: &Arc<Server>) -> Self {
        let Route { method, handler, patience, door, .. } = route;
        let in_time = from_fn(|request, next| around::in_time(ANSWER_MAX, request, next));
        let handler = match patience {
            Patience::Usual => handler.layer(in_time),
            Patience::Endless => handler,
        };
        let handler = match door {
            Door::Guarded => handler.layer(from_fn_with_state(Arc::clone(server), around::guarded)),
            Door::GuardedWithin | Door::Open => handler,
        };
        let method = if method == Method::GET { "GET,HEAD" } else { method.as_str() };
        let comma = if self.allowed.is_empty() { "" } else { "," };
        let allowed = format!("{}{comma}{method}", self.allowed);
        Self { handler: self.handler.merge(handler), allowed }
    }
}
