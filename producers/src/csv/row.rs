//! What comes out of a file, and where that stands in it.

use goldstream_domain::bronze::BronzeRow;

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// 1 for the first; header and blank lines are not counted.
    pub number: u64,
    /// The line of the file, from 1, on which it begins.
    pub line: u64,
    /// Byte offset in the file right after the row and its line end.
    pub end_bytes: u64,
    /// What it says.
    pub content: BronzeRow<'a>,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Rows that came out.
    pub rows: u64,
    /// Byte offset right after the last of them, its line end included; after the header where
    /// there was none yet, 0 before the header.
    pub bytes: u64,
}

/// A row over which an open quote runs, as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRow {
    /// The line of the file, from 1, on which it begins.
    pub line: u64,
    /// Its bytes so far.
    pub bytes: u64,
}
