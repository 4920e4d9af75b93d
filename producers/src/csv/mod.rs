//! CSV files as rows: bytes are pushed in, bronze rows come out.
//!
//! Must not open files, wait, or clean values: what a field means is the domain's business.
//! The rows are the same however the bytes are split, and reading can go on at any row boundary.

mod header;
mod reader;
mod record;
mod text;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use header::{Header, HeaderError, Input};
pub use reader::{Position, Row, RowReader};
