//! What all kinds of rows are made of: a record at its place, and columns by name.

use arrow_array::ArrayRef;
use arrow_schema::{DataType, TimeUnit};
use goldstream_domain::record::Headers;

/// A record at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) partition: u32,
    pub(crate) position: u64,
    pub(crate) headers: Headers<'a>,
}

/// A column with its name, and whether it may be null.
pub(super) type Named = (&'static str, Presence, ArrayRef);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Nullable,
}

/// Moments of the machine.
pub(super) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}
