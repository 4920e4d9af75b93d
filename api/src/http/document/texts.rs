//! What the document says of each route.

use super::super::format::Format;
use super::super::table::Tabular;
use super::super::table::gold::GoldCountry;
use super::operation::{Doc, Named, content};
use super::schema::{self, array, count, named, object, of, or_null, text};
use crate::limits::{INTERVAL_DEFAULT_MS, INTERVAL_MAX_MS, INTERVAL_MIN_MS, PURCHASES_TOP_MAX};
use axum::http::StatusCode;
use goldstream_domain::gold::report::{CustomerReport, DayReport, ProductReport, Summary};
use goldstream_domain::gold::weekday::{WEEK_HOURS, WeekdayReport};
use goldstream_domain::reason::Reason;
use serde_json::json;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};

pub(super) const ABOUT: &str = "Live shop analytics. Amounts are whole cents; moments of the machine end \
in _at and are RFC 3339 in UTC; moments of the shop are its wall time. Lists are of one version: epoch, \
version and as_of say which. Every error is an application/problem+json. docs/api.md tells more.";

pub(super) const ABOUT_FEED: &str = "The numbers as they change: a snapshot, then updates. Values are \
absolute, one frame is one consistent step over all its views, and unknown members are to be ignored. \
docs/feed.md tells more.";

/// Headings, in their order.
pub(super) const TAGS: [(&str, &str); 7] = [
    (GOLD, "the numbers"),
    (RECORDS, "the records behind the numbers"),
    (LIVE, "the numbers as they change"),
    (INGEST, "new rows"),
    (PROCESS, "the process itself"),
    (V0, "the batch system's API: its clients run unchanged"),
    (PAGES, "for people"),
];
pub(super) const GOLD: &str = "gold";
const RECORDS: &str = "records";
pub(in crate::http) const LIVE: &str = "live";
pub(in crate::http) const INGEST: &str = "ingest";
pub(super) const PROCESS: &str = "process";
const V0: &str = "v0";
const PAGES: &str = "pages";

/// A list of a gold table.
pub(in crate::http) fn list<R: Tabular>(named: Named) -> Doc {
    of_list::<R>(Doc::new(GOLD, &format!("{}, page by page", R::TABLE.name)).pages(), named)
}

fn of_list<R: Tabular>(doc: Doc, named: Named) -> Doc {
    doc.sorts::<R>()
        .forms(named, &Format::ALL)
        .table::<R>(schema::list::<R>(), &Format::ALL)
        .tagged()
        .ranged()
        .problems(&[400, 406, 408, 503])
}

/// The list of customers.
pub(in crate::http) fn customers(named: Named) -> Doc {
    list::<CustomerReport>(named)
        .query(
            "country",
            "of this country, whatever its case and accents; empty: of customers whose country is not \
             known",
            of(Type::String),
            "France",
        )
        .query(
            "search",
            "the beginning of an id, of an e-mail, or of a name from any of its words on; case and \
             accents do not count",
            of(Type::String),
            "dupont",
        )
}

/// The list of products.
pub(in crate::http) fn products(named: Named) -> Doc {
    let about = "a part of the name; case and accents do not count";
    list::<ProductReport>(named).query("search", about, of(Type::String), "souris")
}

/// The list of days.
pub(in crate::http) fn days(named: Named) -> Doc {
    between(list::<DayReport>(named))
}

fn between(doc: Doc) -> Doc {
    let day = || of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
    let doc = doc.query("from", "the first day", day(), "2024-03-01");
    doc.query("to", "the last day, which is among them", day(), "2024-03-31")
}

/// The hours of the week.
pub(in crate::http) fn weekdays(named: Named) -> Doc {
    let doc = Doc::new(GOLD, "what each hour of the week has sold").pages_of(WEEK_HOURS as usize);
    between(of_list::<WeekdayReport>(doc, named))
        .about(
            "All 168 hours, those without a purchase with zeros: of all days, or of those from one to another.",
        )
        .problems(&[409])
}

/// One row of a gold table.
pub(in crate::http) fn single<R: Tabular>() -> Doc {
    let key = R::TABLE.columns[0].name;
    let example = schema::example::<R>();
    Doc::new(GOLD, &format!("one row of {}", R::TABLE.name))
        .path(key, "the key", example[key].as_str().unwrap_or_default())
        .forms(Named::ByQuery, &Format::ALL)
        .table::<R>(named(R::TABLE.schema), &Format::ALL)
        .tagged()
        .problems(&[400, 404, 406, 408, 503])
}

pub(in crate::http) fn summary() -> Doc {
    Doc::new(GOLD, "the totals")
        .forms(Named::ByQuery, &Format::ALL)
        .table::<Summary>(named(Summary::TABLE.schema), &Format::ALL)
        .tagged()
        .problems(&[400, 406, 408, 503])
}

fn one_json(tag: &str, summary: &str, name: &str) -> Doc {
    Doc::new(tag, summary)
        .formats(&Format::JSON_ONLY)
        .json(summary, named(name))
        .problems(&[400, 406, 408, 503])
}

pub(in crate::http) fn accounting() -> Doc {
    one_json(GOLD, "every row's fate", "Accounting").tagged()
}

pub(in crate::http) fn gold() -> Doc {
    one_json(GOLD, "everything at one version", "Gold").tagged()
}

/// The list of countries as `export` writes them.
pub(in crate::http) fn gold_countries() -> Doc {
    list::<GoldCountry>(Named::ByQuery).about("As they stand in gold, which knows no codes.")
}

pub(in crate::http) fn status() -> Doc {
    one_json(PROCESS, "positions, lag, rows by fate, rates", "Status")
}

pub(in crate::http) fn verify() -> Doc {
    Doc::new(PROCESS, "recompute gold by the batch rules and compare")
        .about("Takes as long as reading every row takes. One at a time.")
        .json("what the batch says", named("Verdict"))
        .problems(&[400, 403, 409, 503])
}

pub(in crate::http) fn backup() -> Doc {
    let bytes =
        of(Type::String).description(Some("a file to be put in the place of goldstream.redb"));
    Doc::new(PROCESS, "the store as it stands, as one file")
        .about("It has every row that was acknowledged until then. Kept nowhere on the way.")
        .answers(StatusCode::OK, "the copy", super::super::backup::MEDIA_TYPE, content(bytes))
        .problems(&[400, 409, 503])
}

pub(in crate::http) fn diff() -> Doc {
    Doc::new(PROCESS, "in which rows what is folded beside differs from what is served")
        .about(
            "Of a rebuild that is under way, or of a shadow (`POST /api/v1/rebuild?shadow=true`). Where `same_rows` \
             is false some differences are of rows that one of them has not counted yet.",
        )
        .json("how they differ", named("Diff"))
        .problems(&[400, 409, 503])
}

pub(in crate::http) fn rebuild() -> Doc {
    Doc::new(PROCESS, "count all rows again, beside what is served")
        .about(
            "Answered at once; `rebuild` in the status says how far it is. What is served stays until the new \
             numbers have counted every row that it has, and is replaced in one step, under a new epoch.",
        )
        .query(
            "keep_old_ms",
            "how long what is served now is kept afterwards; a day where it is not said",
            of(Type::Integer).minimum(Some(0)),
            "0",
        )
        .query("shadow", "count them beside what is served, to be compared", of(Type::Boolean), "false")
        .query(
            "future_days",
            "how far ahead of its ingestion a purchase may lie; as it is now where it is not said",
            of(Type::Integer).minimum(Some(0)),
            "366",
        )
        .query("abandon", "give up one that is under way", of(Type::Boolean), "false")
        .query("back", "serve again what was served before, and is kept", of(Type::Boolean), "false")
        .accepted("it is begun", named("Rebuild"))
        .problems(&[400, 403, 409])
}

const CORRECTED: &str = "whether rows are meant after which one with the same id was accepted: no (default), yes or all";

fn about_reason() -> String {
    let codes = Reason::ALL.map(Reason::code).join(", ");
    format!("one of {codes}; with or without its kind before it")
}

pub(in crate::http) fn quarantine<R: Tabular>(named: Named) -> Doc {
    Doc::new(RECORDS, "refused rows, newest first")
        .about(
            "A page may have fewer rows than the limit although there are more: with a rare reason \
             only so many records are looked at for one page. The last page has no next.",
        )
        .pages()
        .query("reason", &about_reason(), of(Type::String), "purchases.bad_date")
        .query("corrected", CORRECTED, of(Type::String), "all")
        .forms(named, &Format::ALL)
        .table::<R>(schema::list::<R>(), &Format::ALL)
        .tagged()
        .problems(&[400, 406, 408, 503])
}

pub(in crate::http) fn correctable() -> Doc {
    Doc::new(RECORDS, "refused rows in the shape of the file that they came from")
        .about(
            "To be corrected and replayed as a new file. In the order in which they came; reason and line \
             stand behind the columns of the file, and behind them (raw) the text of a line that was no \
             row.",
        )
        .path("kind", "customers or purchases", "purchases")
        .query("reason", &about_reason(), of(Type::String), "bad_date")
        .query("corrected", CORRECTED, of(Type::String), "all")
        .answers(StatusCode::OK, "rows under their header", "text/csv", content(text("")))
        .problems(&[400, 408, 503])
}

pub(in crate::http) fn records<R: Tabular>(by: Named) -> Doc {
    Doc::new(RECORDS, &format!("all records of {}", R::TABLE.name))
        .about(
            "As NDJSON each record is what stands in the topic; the other forms say where it stood, \
             too. What was sent twice after a failure comes once.",
        )
        .forms(by, &Format::ROWS_ONLY)
        .table::<R>(named(R::TABLE.schema), &Format::ROWS_ONLY)
        .problems(&[400, 406, 408, 503])
}

/// Accepted events: with `from` or `to` the purchases of these days alone.
pub(in crate::http) fn silver<R: Tabular>(by: Named) -> Doc {
    between(records::<R>(by))
}

pub(in crate::http) fn feed() -> Doc {
    Doc::new(LIVE, "the numbers as they change, over a WebSocket")
        .about("Subprotocol goldstream.v1; docs/feed.md describes the messages.")
        .answers(
            StatusCode::SWITCHING_PROTOCOLS,
            "the feed begins",
            "application/json",
            content(text("")),
        )
        // Without the headers of an upgrade; 426 where the connection cannot be upgraded.
        .problems(&[400, 403, 426, 503])
}

pub(in crate::http) fn stream() -> Doc {
    let top = of(Type::Integer).minimum(Some(1)).maximum(Some(PURCHASES_TOP_MAX as u64));
    let interval = of(Type::Integer)
        .minimum(Some(INTERVAL_MIN_MS))
        .maximum(Some(INTERVAL_MAX_MS))
        .default(Some(json!(INTERVAL_DEFAULT_MS)));
    let top_about = "rows of the views that are a top; customers alone may have up to 1000";
    Doc::new(LIVE, "the numbers as they change, as server-sent events")
        .about(
            "The objects of the feed: the event's name is their op, its id EPOCH:VERSION where they \
             have one. Last-Event-ID goes on behind that frame. docs/feed.md describes them.",
        )
        .needs("views", "which views, with commas between them", "summary,countries")
        .query("top", top_about, top, 10)
        .query("country", "customers of this country, whatever its case and accents; empty: of none known", of(Type::String), "France")
        .query("interval_ms", "frames come no faster", interval, 200)
        .header("Last-Event-ID", "the last frame that the client has", "7f3a12c0:41")
        .answers(StatusCode::OK, "events, until one side ends", "text/event-stream", content(text("")))
        .problems(&[400, 403, 503])
}

pub(in crate::http) fn healthz() -> Doc {
    let body = object("the process goes on", [("status", text("ok"))]);
    Doc::new(PROCESS, "whether the process answers and its loops turn, whatever they wait for")
        .json("it does", body.examples([json!({ "status": "ok" })]))
        .problems(&[400, 408, 503])
}

pub(in crate::http) fn readyz() -> Doc {
    let percent = of(Type::Integer).minimum(Some(0)).maximum(Some(100)).description(Some(
        "while inputs are read to their end for the first time: how much of them is; else not there",
    ));
    let troubles = array(text(
        "the name of something that is wrong, here or in another process, and being dealt with",
    ));
    let body = object("the numbers can be relied on", [("status", text("ready"))])
        .property("reading_percent", percent)
        .property("troubles", troubles);
    Doc::new(PROCESS, "whether the numbers can be relied on, or why not yet")
        .json("they can", body.examples([json!({ "status": "ready" })]))
        .problems(&[400, 408, 503])
}

pub(in crate::http) fn metrics() -> Doc {
    Doc::new(PROCESS, "what is counted, as Prometheus reads it")
        .answers(StatusCode::OK, "text form 0.0.4", "text/plain", content(text("")))
        .problems(&[400, 408, 503])
}

pub(in crate::http) fn version() -> Doc {
    let store = object(
        "what is served, where this process folds it",
        [
            ("generation", count("grows with each rebuild")),
            ("logic_version", count("of the rules that it was folded by")),
        ],
    );
    let body = object(
        "which version",
        [
            ("name", text("goldstream")),
            ("version", text("of it")),
            ("logic_version", count("of its rules and stored forms")),
            ("store", or_null(store, "other processes fold it")),
        ],
    );
    Doc::new(PROCESS, "which version runs")
        .json(
            "name and version",
            body.examples([json!({
                "name": "goldstream", "version": "0.1.0", "logic_version": 2,
                "store": { "generation": 0, "logic_version": 2 }
            })]),
        )
        .problems(&[400, 408])
}

/// A list of the batch system's API, which refuses nothing.
pub(in crate::http) fn v0_list(summary: &str, of_rows: &str) -> Doc {
    Doc::new(V0, summary).json(summary, array(named(of_rows))).problems(&[400, 408, 503])
}

pub(in crate::http) fn v0_limited(summary: &str, most: u64, default: u64) -> Doc {
    let limit =
        of(Type::Integer).minimum(Some(1)).maximum(Some(most)).default(Some(json!(default)));
    let refusal = content(named("V0Refusal"));
    v0_list(summary, "V0Client").query("limit", "how many", limit, default).answers(
        StatusCode::UNPROCESSABLE_ENTITY,
        "outside the limits",
        "application/json",
        refusal,
    )
}

pub(in crate::http) fn v0_clients() -> Doc {
    let skip = of(Type::Integer).minimum(Some(0)).default(Some(json!(0)));
    v0_limited("known customers by id", 1_000, 100)
        .query("skip", "how many to leave out first", skip, 0)
        .query("pays", "of this country", of(Type::String), "France")
}

pub(in crate::http) fn v0_summary() -> Doc {
    Doc::new(V0, "the totals").json("the totals", named("V0Summary")).problems(&[408, 503])
}

/// Something of the batch system's API that says what it is.
pub(in crate::http) fn v0_about(summary: &str, members: &[&'static str]) -> Doc {
    let any = || ObjectBuilder::new().schema_type(SchemaType::AnyValue).into();
    let members = members.iter().map(|name| (*name, any()));
    Doc::new(V0, summary).json(summary, object("what it is", members)).problems(&[408, 503])
}

pub(in crate::http) fn page(summary: &str) -> Doc {
    Doc::new(PAGES, summary)
        .answers(StatusCode::OK, "a page", "text/html", content(text("HTML")))
        .problems(&[408])
}

pub(in crate::http) fn document(summary: &str, form: &str) -> Doc {
    Doc::new(PAGES, summary).json(form, of(Type::Object)).problems(&[400, 408])
}

pub(in crate::http) fn redirect(summary: &str) -> Doc {
    Doc::new(PAGES, summary)
        .empty(StatusCode::PERMANENT_REDIRECT, "it stands elsewhere")
        .problems(&[408])
}

/// A file of the documentation.
pub(in crate::http) fn file() -> Doc {
    let types = ["text/html", "text/css", "text/javascript", "application/javascript", "image/png"];
    Doc::new(PAGES, "a file of the documentation")
        .path("file", "its name", "swagger-ui.css")
        .file("the file", &types)
        .problems(&[400, 404, 408])
}
