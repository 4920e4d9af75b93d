//! CSV files as rows: bytes are pushed in, bronze rows come out.
//!
//! Must not open files, wait, or clean values: what a field means is the domain's business.
//! The rows are the same however the bytes are split, and reading can go on at any row boundary.

mod body;
mod cursor;
mod header;
mod joined;
mod lines;
mod preamble;
mod reader;
mod split;
mod text;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use header::{Header, HeaderError, Input};
pub use lines::LineCount;
pub use reader::{OpenRow, Position, Row, RowReader};
