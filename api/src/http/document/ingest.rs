//! What the document says of posted rows: what is taken, and what is answered.

use super::super::format::Format;
use super::operation::{Doc, content};
use super::schema::{Part, array, count, named, object, of, one_of, text};
use super::texts::INGEST;
use crate::limits::{RECEIPT_ROWS_MAX, RECEIPT_WAIT_MS_MAX};
use axum::http::StatusCode;
use goldstream_domain::column::Kind;
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{AdditionalProperties, OneOfBuilder, SchemaType, Type};

/// The schemas that are referred to by name.
pub(super) fn all() -> [(&'static str, Part); 4] {
    let accepted = object(
        "rows that are durable now",
        [("accepted", count("how many")), ("receipt", text("ask what became of them by it"))],
    );
    let accepted =
        accepted.examples([json!({ "accepted": 1, "receipt": "purchases.0-41-1.1c7a90be" })]);
    [("Accepted", accepted.into()), ("Receipt", receipt_state()), ("Fate", fate()), ("Row", row())]
}

fn receipt_state() -> Part {
    let counted = object(
        "they are in the numbers",
        [
            ("state", one_of(&["counted"], "since this version at the latest")),
            ("epoch", text("of that version")),
            ("version", count("of that epoch")),
            ("rows", array(named("Fate"))),
        ],
    );
    let about = format!("what became of each, in their order; of the first {RECEIPT_ROWS_MAX}");
    let counted = counted.description(Some(about));
    let pending = object("not yet", [("state", one_of(&["pending"], "not yet"))]);
    let refused = json!({ "fate": "quarantined", "reason": "purchases.bad_date", "detail": "\"x\" is no date" });
    let rows = json!([{ "fate": "accepted" }, refused]);
    let example = json!({ "state": "counted", "epoch": "7f3a12c0", "version": 41, "rows": rows });
    OneOfBuilder::new().item(counted).item(pending).examples([example]).into()
}

fn fate() -> Part {
    let fates = ["accepted", "customer_version", "duplicate", "quarantined", "unknown"];
    let about = "a purchase that counts, a valid row of a customer (changed or not), the same purchase \
                 again, refused, or not known any more";
    of(Type::Object)
        .description(Some("what became of a row"))
        .property("fate", one_of(&fates, about))
        .required("fate")
        .property("reason", text("of a refused row, with its kind"))
        .property("detail", text("of a refused row: what was found"))
        .examples([json!({ "fate": "accepted" })])
        .into()
}

/// A row as programs send it.
fn row() -> Part {
    let kinds = [Type::String, Type::Number, Type::Boolean, Type::Null];
    let value = utoipa::openapi::ObjectBuilder::new()
        .schema_type(kinds.into_iter().collect::<SchemaType>())
        .description(Some("as it is: cleaning is done later"));
    of(Type::Object)
        .description(Some("column name, French or English, to text or number"))
        .additional_properties(Some(AdditionalProperties::RefOr(Part::from(value))))
        .examples([example(Kind::Purchases)])
        .into()
}

fn columns(kind: Kind) -> [(&'static str, &'static str); 5] {
    match kind {
        Kind::Customers => [
            ("customer_id", "7"),
            ("name", "Anne Dupont"),
            ("email", "anne.dupont@shop.example"),
            ("signup_date", "2023-11-02"),
            ("country", "France"),
        ],
        Kind::Purchases => [
            ("purchase_id", "1"),
            ("customer_id", "7"),
            ("purchased_at", "2024-03-01 14:03:22"),
            ("amount", "12.50"),
            ("product", "Souris"),
        ],
    }
}

fn example(kind: Kind) -> Value {
    let members = columns(kind).map(|(name, text)| (name.to_owned(), Value::from(text)));
    Value::Object(Map::from_iter(members))
}

/// New rows of a kind.
pub(in crate::http) fn post_rows(kind: Kind) -> Doc {
    let row = example(kind);
    let [names, texts] = [columns(kind).map(|(name, _)| name), columns(kind).map(|(_, text)| text)];
    let csv = format!("{}\n{}\n", names.join(","), texts.join(","));
    let one_or_many = OneOfBuilder::new().item(named("Row")).item(array(named("Row")));
    Doc::new(INGEST, &format!("new rows of {}", kind.name()))
        .about(
            "One object, an array, an object a line (NDJSON), or CSV with its header as in files, \
             perhaps packed (Content-Encoding: gzip or zstd). Checked whole before anything is taken; \
             durable before it is answered. Bad values are taken and end in the quarantine.",
        )
        .takes([
            ("application/json", one_or_many.into(), row.clone()),
            ("application/x-ndjson", text("a row a line, each a JSON object"), format!("{row}\n").into()),
            ("text/csv", text("a header, then a row a line"), csv.into()),
        ])
        .answers(
            StatusCode::ACCEPTED,
            "taken; Location names the receipt",
            Format::Json.media_type(),
            content(named("Accepted")),
        )
        .problems(&[400, 403, 408, 413, 415, 429, 503])
}

/// What became of posted rows.
pub(in crate::http) fn receipt() -> Doc {
    let wait = of(Type::Integer).minimum(Some(0)).maximum(Some(RECEIPT_WAIT_MS_MAX as f64));
    Doc::new(INGEST, "whether posted rows are in the numbers, and what became of each")
        .path("receipt", "as the POST answered it", "purchases.0-41-1.1c7a90be")
        .query("wait_ms", "wait so long until they are", wait, 1_000)
        .json("they are, or not yet", named("Receipt"))
        .problems(&[400, 404, 503])
}
