//! What the tests of the reader share: rows that own their text.

use super::{Row, RowReader};
use goldstream_domain::bronze::{BronzeRow, LineFault};
use goldstream_domain::column::{COLUMNS, Kind};

/// A row as a test compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Columns(u8, [String; COLUMNS]),
    Line(String),
    OpenQuote(u64, String),
    TooLong(u64, (u64, u64), String),
}

impl From<&BronzeRow<'_>> for Seen {
    fn from(row: &BronzeRow<'_>) -> Self {
        match row {
            BronzeRow::Columns { names, fields } => {
                Self::Columns(names.0, fields.map(str::to_owned))
            }
            BronzeRow::Line(text) => Self::Line((*text).to_owned()),
            BronzeRow::Broken { fault: LineFault::OpenQuote { line }, text } => {
                Self::OpenQuote(*line, (*text).to_owned())
            }
            BronzeRow::Broken {
                fault: LineFault::TooLong { line, from_bytes, to_bytes },
                text,
            } => Self::TooLong(*line, (*from_bytes, *to_bytes), (*text).to_owned()),
            BronzeRow::Broken { fault: LineFault::TooLarge { .. }, .. } => {
                panic!("that a log does not take a row, no file says")
            }
            BronzeRow::Json(_) => panic!("a CSV file has no JSON rows"),
        }
    }
}

/// A row under French names.
pub(super) fn row(fields: [&str; COLUMNS]) -> Seen {
    Seen::Columns(0, fields.map(str::to_owned))
}

/// A line that is no row.
pub(super) fn line(text: &str) -> Seen {
    Seen::Line(text.to_owned())
}

/// A line on which a quote opens that is never closed.
pub(super) fn open_quote(line: u64, text: &str) -> Seen {
    Seen::OpenQuote(line, text.to_owned())
}

/// Reads a whole purchases file in one push.
pub(super) fn read_all(file: &[u8], sink: &mut impl FnMut(Row<'_>)) {
    let mut reader = RowReader::new(Kind::Purchases);
    reader.push(file, sink).unwrap();
    reader.finish(sink).unwrap();
}

/// The rows of a whole purchases file.
pub(super) fn read(file: &str) -> Vec<Seen> {
    let mut seen = Vec::new();
    read_all(file.as_bytes(), &mut |row| seen.push(Seen::from(&row.content)));
    seen
}
