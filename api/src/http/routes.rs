//! Every route but the page's assets, in one table: the router is made from it.

use super::lists::{list, single};
use super::{gold, ops, page, quarantine, records, status, verify};
use crate::feed;
use crate::server::Server;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport,
};
use std::sync::Arc;

/// One route.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) handler: MethodRouter<Arc<Server>>,
    pub(super) patience: Patience,
}

/// How long an answer may take to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// As long as any.
    Usual,
    /// As long as it takes: it waits for something, or stays open.
    Endless,
}

impl Route {
    fn get(path: &'static str, handler: MethodRouter<Arc<Server>>) -> Self {
        Self { method: Method::GET, path, handler, patience: Patience::Usual }
    }

    fn post(path: &'static str, handler: MethodRouter<Arc<Server>>) -> Self {
        Self { method: Method::POST, ..Self::get(path, handler) }
    }

    fn patient(self) -> Self {
        Self { patience: Patience::Endless, ..self }
    }
}

/// All routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/summary", get(gold::summary)),
        Route::get("/api/v1/customers", get(list::<CustomerReport>)),
        Route::get("/api/v1/customers/{customer_id}", get(single::<CustomerReport>)),
        Route::get("/api/v1/products", get(list::<ProductReport>)),
        Route::get("/api/v1/products/{product}", get(single::<ProductReport>)),
        Route::get("/api/v1/months", get(list::<MonthReport>)),
        Route::get("/api/v1/months/{month}", get(single::<MonthReport>)),
        Route::get("/api/v1/days", get(list::<DayReport>)),
        Route::get("/api/v1/days/{day}", get(single::<DayReport>)),
        Route::get("/api/v1/countries", get(list::<CountryReport>)),
        Route::get("/api/v1/countries/{country}", get(single::<CountryReport>)),
        Route::get("/api/v1/accounting", get(gold::accounting)),
        Route::get("/api/v1/quarantine", get(quarantine::quarantine)),
        Route::get("/api/v1/bronze", get(records::bronze)),
        Route::get("/api/v1/silver", get(records::silver)),
        Route::get("/api/v1/gold", get(gold::gold)),
        Route::get("/api/v1/status", get(status::status)),
        Route::post("/api/v1/verify", post(verify::verify)).patient(),
        Route::get("/api/v1/feed", get(feed::upgrade)).patient(),
        Route::get("/healthz", get(ops::healthz)),
        Route::get("/readyz", get(ops::readyz)),
        Route::get("/version", get(ops::version)),
        Route::get("/", get(page::index)),
    ]
}
