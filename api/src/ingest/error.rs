//! Why a posted body is none.

use goldstream_domain::column::Kind;

/// Why a body is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// JSON is UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Nothing is in it.
    #[error("the body has no rows")]
    Empty,
    /// A part of it is no row.
    #[error("row {number}: {why}")]
    Row { number: usize, why: String },
    /// Nothing in it is called as the columns of its kind.
    #[error("no row has a column of {}; they are {}", kind.name(), columns(*kind))]
    Unknown { kind: Kind },
    /// A CSV without a header of its kind.
    #[error("no header of {}: {wrong} missing; found: {found}", kind.name())]
    Header { kind: Kind, wrong: String, found: String },
    /// It cannot be read as CSV.
    #[error("the body is no CSV: {0}")]
    Table(String),
    /// It is neither an object nor an array.
    #[error("the body must be a JSON object, an array of objects, or NDJSON: {0}")]
    Body(String),
}

/// The columns of a kind with both names.
fn columns(kind: Kind) -> String {
    let columns = kind.columns().iter();
    let both: Vec<_> =
        columns.map(|column| format!("{} ({})", column.english, column.french)).collect();
    both.join(", ")
}
