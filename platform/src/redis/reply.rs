//! Answers of the server taken apart without copying their bytes.
//! Whatever has another shape than expected is `None`; what that means is decided by who asked.

use ::redis::Value;

/// The elements of an array; a missing one has none.
pub(super) fn items(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        Value::Nil => Some(Vec::new()),
        _ => None,
    }
}

/// An array of exactly `N` elements.
pub(super) fn array<const N: usize>(value: Value) -> Option<[Value; N]> {
    items(value)?.try_into().ok()
}

/// Bytes, none where there is no value.
pub(super) fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.into_bytes()),
        Value::Okay => Some(b"OK".to_vec()),
        _ => None,
    }
}

pub(super) fn text(value: Value) -> Option<String> {
    String::from_utf8(bytes(value)?).ok()
}

/// A number, also where the server gives it as text.
pub(super) fn number(value: Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(number).ok(),
        other => text(other)?.parse().ok(),
    }
}

/// A flat array of names and values.
pub(super) fn pairs(value: Value) -> Option<impl Iterator<Item = (Value, Value)>> {
    let mut items = items(value)?.into_iter();
    Some(std::iter::from_fn(move || Some((items.next()?, items.next()?))))
}
