//! What is said of the lake.

use super::schema::{Part, count, nullable, object, text};
use serde_json::json;
use utoipa::openapi::schema::Type;

/// How it is.
pub(super) fn schema() -> Part {
    object(
        "the lake, where one is written: each row of the log as Parquet, once",
        [
            ("address", text("a folder, or s3://BUCKET/PREFIX")),
            ("files", count("files with rows")),
            ("rows", count("rows in them, of bronze, silver and quarantine together")),
            ("bytes", count("their size")),
            ("lag_records", count("records of the log that are not in it yet")),
            ("written_at", nullable(Type::String, "when rows were written last; null before that")),
            ("gold_at", nullable(Type::String, "when gold was written last; null before that")),
        ],
    )
    .examples([json!({
        "address": "s3://lake/shop", "files": 96, "rows": 1_092_578, "bytes": 19_812_331,
        "lag_records": 12,
        "written_at": "2026-11-29T10:03:22.000Z", "gold_at": "2026-11-29T10:03:22.000Z"
    })])
    .into()
}
