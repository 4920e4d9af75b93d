//! Rows and cells as JSON.

use super::column::{Cell, Table};
use goldstream_platform::clock::rfc3339;
use serde::{Serialize, Serializer};

/// Appends the object of a row: its columns in their order.
pub(super) fn write<R>(table: &Table<R>, row: &R, out: &mut Vec<u8>) {
    for (index, column) in table.columns.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"" } else { b",\"" });
        out.extend_from_slice(column.name.as_bytes());
        out.extend_from_slice(b"\":");
        // Text and numbers always have a JSON form, and writing to memory does not fail.
        serde_json::to_writer(&mut *out, &(column.cell)(row)).unwrap_or_default();
    }
    out.push(b'}');
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Month(month) => month.serialize(serializer),
            Self::Day(day) => day.serialize(serializer),
            Self::Moment(moment) => moment.serialize(serializer),
            Self::Instant(at_ms) => serializer.serialize_str(&rfc3339(*at_ms)),
        }
    }
}
