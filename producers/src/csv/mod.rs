//! CSV files as rows: bytes are pushed in, bronze rows come out.
//!
//! Must not open files, wait, or clean values: what a field means is the domain's business.
//! The rows are the same however the bytes are split, and reading can go on at any row boundary.

mod body;
mod cursor;
mod encoding;
mod header;
mod input;
mod joined;
mod lines;
mod preamble;
mod reader;
mod row;
mod split;
mod text;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use header::{Header, HeaderError};
pub use input::Input;
pub use lines::LineCount;
pub use reader::RowReader;
pub use row::{OpenRow, Position, Row};
