//! What is said of a rebuild.

use super::schema::{Part, count, instant, nullable, object};
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
            ("percent", count("of them, rounded down")),
            ("started_at", instant("when this process began with it")),
            ("ends_at", nullable(Type::String, "when it ends if it goes on like this")),
        ],
    )
    .examples([json!({
        "generation": 1, "logic_version": 2, "rows": 630, "of_rows": 1000, "percent": 63,
        "started_at": "2026-11-29T10:03:22.000Z", "ends_at": "2026-11-29T10:03:29.000Z"
    })])
    .into()
}
