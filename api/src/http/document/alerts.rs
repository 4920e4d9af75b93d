//! What the document says of alerts.

use super::operation::Doc;
use super::schema::{
    Part, array, count, instant, named, nullable_instant, object, of, one_of, text,
};
use super::texts::PROCESS;
use goldstream_alerts::incident::{IncidentState, Rule};
use serde_json::{Value, json};
use utoipa::openapi::schema::Type;

/// One incident.
pub(super) fn alert() -> Part {
    object(
        "something that a person should know",
        [
            ("id", text("its rule, and the first day, hour or month that it is about")),
            ("rule", one_of(&Rule::ALL.map(Rule::name), "which rule")),
            ("state", one_of(&IncidentState::NAMES, "how it is")),
            ("opened_at", instant("when it was noticed")),
            ("resolved_at", nullable_instant("when it was over; null while it is not")),
            ("message", text("in one sentence, in the shop's language")),
            ("figures", figures()),
            ("link", text("where the page shows it")),
            ("version", text("the epoch and version that it follows from")),
        ],
    )
    .examples([example()])
    .into()
}

fn figures() -> Part {
    let about =
        "what caused it; which members there are follows from the rule, docs/alerts.md lists them";
    of(Type::Object).description(Some(about)).into()
}

fn example() -> Value {
    json!({
        "id": "sales_drop:2026-11-28",
        "rule": "sales_drop",
        "state": "open",
        "opened_at": "2026-11-29T05:00:02.120Z",
        "resolved_at": null,
        "message": "Sales dropped: €123.45 on 28 November 2026, where the 8 weeks before had €1,200.00 on that weekday (median); below 50%.",
        "figures": {
            "day": "2026-11-28", "revenue_cents": 12345, "median_cents": 120_000, "weeks": 8, "percent": 50
        },
        "link": "http://127.0.0.1:8080/?page=tendances&from=2026-11-01&to=2026-11-28",
        "version": "7f3a12c0/41",
    })
}

/// All of them.
pub(super) fn alerts() -> Part {
    object("what is known of alerts", [
        ("enabled", of(Type::Boolean).description(Some("whether somebody is to be told, and so anything looked at")).into()),
        ("receivers", array(text("who is told; of a webhook its host"))),
        ("waiting_messages", count("messages that are still to be sent")),
        ("rows", array(named("Alert"))),
    ])
    .examples([json!({
        "enabled": true, "receivers": ["email owner@shop.example"], "waiting_messages": 0, "rows": [example()]
    })])
    .into()
}

/// The list.
pub(in crate::http) fn list() -> Doc {
    Doc::new(PROCESS, "what a person should know, the newest first")
        .about("Incidents open and resolve by themselves; the last 200 are kept. docs/alerts.md tells more.")
        .json("all incidents", named("Alerts"))
        .problems(&[400])
}

/// One of them.
pub(in crate::http) fn single() -> Doc {
    Doc::new(PROCESS, "one incident")
        .path("id", "its id", "sales_drop:2026-11-28")
        .json("the incident", named("Alert"))
        .problems(&[400, 404])
}

/// That somebody knows.
pub(in crate::http) fn acknowledge() -> Doc {
    Doc::new(PROCESS, "say that an incident is known")
        .about("It stays until it is over. Who says it again changes nothing.")
        .path("id", "its id", "sales_drop:2026-11-28")
        .json("the incident", named("Alert"))
        .problems(&[400, 403, 404, 409])
}
