//! Every route but the page's assets, in one table: the router and the API's document are made from
//! it.

use super::document::{self, Doc, Named, texts};
use super::lists::{Listed, list, single};
use super::route::{Door, Route};
use super::table::gold::GoldCountry;
use super::table::records::{BronzeRecord, RefusedRow, SilverRecord};
use super::{
    alerts, backup, correctable, demo, diff, docs, forecast, gold, ingest, metrics, ops, page,
    quarantine, rebuild, receipts, records, report, status, v0, verify,
};
use crate::feed;
use axum::routing::{get, post};
use goldstream_domain::column::Kind;
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport,
};
use goldstream_domain::gold::weekday::WeekdayReport;

/// All routes.
pub(super) fn routes() -> Vec<Route> {
    [tables(), files(), log(), ingested(), process(), told(), v0(), pages()]
        .into_iter()
        .flatten()
        .collect()
}

fn tables() -> Vec<Route> {
    let documented = [texts::customers, texts::products, texts::days];
    let [customers, products, days] = documented.map(|doc| doc(Named::ByQuery));
    vec![
        Route::get("/api/v1/summary", get(gold::summary), texts::summary()),
        of_list::<CustomerReport>("/api/v1/customers", customers),
        of_single::<CustomerReport>("/api/v1/customers/{customer_id}"),
        of_list::<ProductReport>("/api/v1/products", products),
        of_single::<ProductReport>("/api/v1/products/{product}"),
        of_list::<MonthReport>("/api/v1/months", texts::list::<MonthReport>(Named::ByQuery)),
        of_single::<MonthReport>("/api/v1/months/{month}"),
        of_list::<DayReport>("/api/v1/days", days),
        of_single::<DayReport>("/api/v1/days/{day}"),
        of_list::<WeekdayReport>("/api/v1/weekdays", texts::weekdays(Named::ByQuery)),
        of_list::<CountryReport>("/api/v1/countries", texts::list::<CountryReport>(Named::ByQuery)),
        of_single::<CountryReport>("/api/v1/countries/{country}"),
        Route::get("/api/v1/forecast", get(forecast::forecast), document::forecast::forecast()),
        Route::get("/api/v1/report.pdf", get(report::report), document::report::report()),
        Route::get("/api/v1/accounting", get(gold::accounting), texts::accounting()),
        Route::get("/api/v1/gold", get(gold::gold), texts::gold()),
        of_list::<GoldCountry>("/api/v1/gold/countries", texts::gold_countries()),
        Route::get("/api/v1/feed", get(feed::upgrade), texts::feed())
            .patient()
            .behind(Door::GuardedWithin),
        Route::get("/api/v1/stream", get(feed::stream::stream), texts::stream()).patient(),
    ]
}

/// The same tables under the name of a file, which says the form.
fn files() -> Vec<Route> {
    vec![
        of_file::<CustomerReport>("/api/v1/customers.{form}", texts::customers),
        of_file::<ProductReport>("/api/v1/products.{form}", texts::products),
        of_file::<MonthReport>("/api/v1/months.{form}", texts::list::<MonthReport>),
        of_file::<DayReport>("/api/v1/days.{form}", texts::days),
        of_file::<WeekdayReport>("/api/v1/weekdays.{form}", texts::weekdays),
        of_file::<CountryReport>("/api/v1/countries.{form}", texts::list::<CountryReport>),
        Route::get(
            "/api/v1/quarantine.{form}",
            get(quarantine::quarantine),
            texts::quarantine::<RefusedRow>(Named::ByPath),
        ),
        Route::get(
            "/api/v1/bronze.{form}",
            get(records::bronze),
            texts::records::<BronzeRecord>(Named::ByPath),
        ),
        Route::get(
            "/api/v1/silver.{form}",
            get(records::silver),
            texts::silver::<SilverRecord>(Named::ByPath),
        ),
    ]
}

fn of_file<R: Listed>(path: &'static str, doc: fn(Named) -> Doc) -> Route {
    Route::get(path, get(list::<R>), doc(Named::ByPath))
}

fn of_list<R: Listed>(path: &'static str, doc: Doc) -> Route {
    Route::get(path, get(list::<R>), doc)
}

fn of_single<R: Listed>(path: &'static str) -> Route {
    Route::get(path, get(single::<R>), texts::single::<R>())
}

fn log() -> Vec<Route> {
    let refused = texts::quarantine::<RefusedRow>(Named::ByQuery);
    let bronze = texts::records::<BronzeRecord>(Named::ByQuery);
    let silver = texts::silver::<SilverRecord>(Named::ByQuery);
    vec![
        Route::get("/api/v1/quarantine", get(quarantine::quarantine), refused),
        Route::get(
            "/api/v1/quarantine/{kind}",
            get(correctable::correctable),
            texts::correctable(),
        ),
        Route::get("/api/v1/bronze", get(records::bronze), bronze),
        Route::get("/api/v1/silver", get(records::silver), silver),
    ]
}

fn ingested() -> Vec<Route> {
    let [customers, purchases] =
        [Kind::Customers, Kind::Purchases].map(document::ingest::post_rows);
    vec![
        Route::post("/api/v1/customers", post(ingest::customers), customers).patient(),
        Route::post("/api/v1/purchases", post(ingest::purchases), purchases).patient(),
        Route::get(
            "/api/v1/receipts/{receipt}",
            get(receipts::receipt),
            document::ingest::receipt(),
        )
        .patient(),
    ]
}

fn process() -> Vec<Route> {
    vec![
        Route::get("/api/v1/status", get(status::status), texts::status()),
        Route::post("/api/v1/demo", post(demo::demo), document::demo::demo()),
        Route::post("/api/v1/verify", post(verify::verify), texts::verify()).patient(),
        Route::get("/api/v1/backup", get(backup::backup), texts::backup()).patient(),
        Route::get("/api/v1/diff", get(diff::diff), texts::diff()).patient(),
        Route::post("/api/v1/rebuild", post(rebuild::rebuild), texts::rebuild()),
        Route::get("/healthz", get(ops::healthz), texts::healthz()).behind(Door::Open),
        Route::get("/readyz", get(ops::readyz), texts::readyz()).behind(Door::Open),
        Route::get("/metrics", get(metrics::metrics), texts::metrics()),
        Route::get("/version", get(ops::version), texts::version()).behind(Door::Open),
    ]
}

fn told() -> Vec<Route> {
    vec![
        Route::get("/api/v1/alerts", get(alerts::alerts), document::alerts::list()),
        Route::get("/api/v1/alerts/{id}", get(alerts::alert), document::alerts::single()),
        Route::post(
            "/api/v1/alerts/{id}/acknowledge",
            post(alerts::acknowledge),
            document::alerts::acknowledge(),
        ),
    ]
}

fn v0() -> Vec<Route> {
    let about = texts::v0_about("what it is", &["message", "version", "endpoints"]);
    let health = texts::v0_about("whether it works", &["status", "database", "collections"]);
    let top = texts::v0_limited("known customers by revenue", 100, 10);
    let products = texts::v0_list("products by revenue", "V0Product");
    let monthly = texts::v0_list("months, ascending", "V0Month");
    let countries = texts::v0_list("known countries by revenue", "V0Country");
    vec![
        Route::get("/v0/", get(v0::root), about),
        Route::get("/v0/health", get(v0::health), health),
        Route::get("/v0/clients", get(v0::clients), texts::v0_clients()),
        Route::get("/v0/top-clients", get(v0::top_clients), top),
        Route::get("/v0/products", get(v0::products), products),
        Route::get("/v0/monthly", get(v0::monthly), monthly),
        Route::get("/v0/countries", get(v0::countries), countries),
        Route::get("/v0/stats/summary", get(v0::summary), texts::v0_summary()),
    ]
}

fn pages() -> Vec<Route> {
    let to_docs = texts::redirect("the documentation");
    let openapi = texts::document("this document", "OpenAPI 3.1");
    let asyncapi = texts::document("the document of the feed", "AsyncAPI 3");
    vec![
        Route::get("/", get(page::index), texts::page("the dashboard")).behind(Door::Open),
        Route::get("/openapi.json", get(docs::openapi), openapi).behind(Door::Open),
        Route::get("/asyncapi.json", get(docs::asyncapi), asyncapi).behind(Door::Open),
        Route::get("/docs", get(docs::to_index), to_docs).behind(Door::Open),
        Route::get("/docs/", get(docs::index), texts::page("the documentation")).behind(Door::Open),
        Route::get("/docs/{*file}", get(docs::file), texts::file()).behind(Door::Open),
    ]
}
