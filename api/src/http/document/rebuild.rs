//! What is said of a rebuild, and of what it makes.

use super::schema::{Part, count, instant, nullable, object, of};
use super::sides::sides;
use serde_json::json;
use utoipa::openapi::schema::Type;

/// How far a rebuild is.
pub(super) fn schema() -> Part {
    object(
        "all rows are counted again, beside what is served",
        [
            ("generation", count("number of what is being made")),
            ("logic_version", count("of its rules")),
            ("rows", count("rows that it has counted")),
            ("of_rows", count("rows that are there")),
            (
                "shadow",
                of(Type::Boolean).description(Some("whether it is only to be compared")).into(),
            ),
            ("percent", count("of them, rounded down")),
            ("started_at", instant("when this process began with it")),
            ("ends_at", nullable(Type::String, "when it ends if it goes on like this")),
        ],
    )
    .examples([json!({
        "generation": 1, "logic_version": 2, "rows": 630, "of_rows": 1000, "shadow": false,
        "percent": 63,
        "started_at": "2026-11-29T10:03:22.000Z", "ends_at": "2026-11-29T10:03:29.000Z"
    })])
    .into()
}

/// How what is folded beside differs from what is served.
pub(super) fn diff() -> Part {
    object(
        "how what is folded beside differs from what is served",
        [
            ("served", count("number of what is served")),
            ("beside", count("number of what is folded beside it")),
            ("served_rows", count("rows that the served one has counted")),
            ("beside_rows", count("rows that the other has counted")),
            ("same_rows", of(Type::Boolean).description(Some("whether these are the same rows")).into()),
            ("differences", count("rows and counts in which they differ")),
            ("differing", sides("served", "beside")),
        ],
    )
    .examples([json!({
        "served": 0, "beside": 1, "served_rows": 6, "beside_rows": 6, "same_rows": true, "differences": 1,
        "differing": [
            { "table": "days", "key": "2027-01-02", "field": null, "served": null,
              "beside": { "day": "2027-01-02", "orders": 1 }, "also": [] }
        ]
    })])
    .into()
}
