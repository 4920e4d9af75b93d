//! Cells as text.

use super::column::Cell;
use goldstream_platform::clock::rfc3339;
use std::borrow::Cow;

/// The text of a cell; null is empty.
pub(super) fn csv_text(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Text(text) => text,
        Cell::Integer(number) => Cow::Owned(number.to_string()),
        Cell::Flag(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
        Cell::Month(month) => Cow::Owned(month.to_string()),
        Cell::Day(day) => Cow::Owned(day.to_string()),
        Cell::Moment(moment) => Cow::Owned(moment.to_string()),
        Cell::Instant(at_ms) => Cow::Owned(rfc3339(at_ms)),
    }
}
