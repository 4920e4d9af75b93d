//! The place in a list at which a page ended, as text that a client gives back.
//!
//! It holds the place, not a number of rows: a row whose place does not change comes exactly once,
//! however many others move meanwhile.

use super::column::Cell;
use super::sort::{Place, Sort};
use super::tabular::Tabular;
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// Why a text is no cursor of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CursorError {
    #[error("this is no cursor: give back what stood in next")]
    Unreadable,
    #[error("this cursor is of another sort")]
    OtherSort,
}

/// The cursor of a row of a list sorted so.
pub(crate) fn write<R: Tabular>(sort: &Sort<R>, row: &R) -> String {
    let Place { value, key } = sort.place_of(row);
    // Text and numbers always have a JSON form.
    let json = serde_json::to_vec(&(sort.text(), value, key)).unwrap_or_default();
    BASE64URL_NOPAD.encode(&json)
}

/// The place that a cursor names.
pub(crate) fn read<R: Tabular>(sort: &Sort<R>, text: &str) -> Result<Place<'static>, CursorError> {
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| CursorError::Unreadable)?;
    let (of_sort, value, key): (String, Value, Value) =
        serde_json::from_slice(&json).map_err(|_| CursorError::Unreadable)?;
    if of_sort != sort.text() {
        return Err(CursorError::OtherSort);
    }
    let value = Cell::from_json(sort.column().kind, &value);
    let key = Cell::from_json(R::TABLE.columns[0].kind, &key);
    value.zip(key).map(|(value, key)| Place { value, key }).ok_or(CursorError::Unreadable)
}
