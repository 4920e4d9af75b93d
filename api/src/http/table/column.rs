//! What a table is: its columns, and what stands in them.

use goldstream_domain::moment::{Day, Moment, Month};
use serde_json::Value;
use std::borrow::Cow;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// A whole number below 2^53: cents, counts, positions.
    Integer,
    /// True or false.
    Flag,
    /// `YYYY-MM`.
    Month,
    /// `YYYY-MM-DD`.
    Day,
    /// The shop's wall time, `YYYY-MM-DDTHH:MM:SS`.
    Moment,
    /// A moment of the machine: RFC 3339, UTC, milliseconds.
    Instant,
}

/// One value. Within a column all are of its kind or null, so they can be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Flag(bool),
    Month(Month),
    Day(Day),
    Moment(Moment),
    /// Milliseconds since 1970 UTC.
    Instant(i64),
}

impl<'a> Cell<'a> {
    /// Text that may be missing.
    pub(crate) fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(Cow::Borrowed(text)))
    }

    /// A count.
    pub(crate) fn count(count: u64) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A number that may be missing.
    pub(crate) fn integer(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Integer)
    }

    /// A moment that may be missing.
    pub(crate) fn moment(moment: Option<Moment>) -> Self {
        moment.map_or(Self::Null, Self::Moment)
    }

    /// The cell of a column of this kind that has this JSON form.
    pub(crate) fn from_json(kind: Kind, value: &Value) -> Option<Cell<'static>> {
        if value.is_null() {
            return Some(Cell::Null);
        }
        Some(match kind {
            Kind::Text => Cell::Text(Cow::Owned(value.as_str()?.to_owned())),
            Kind::Integer => Cell::Integer(value.as_i64()?),
            Kind::Flag => Cell::Flag(value.as_bool()?),
            Kind::Month => Cell::Month(Month::parse(value.as_str()?)?),
            Kind::Day => Cell::Day(Day::parse(value.as_str()?)?),
            Kind::Moment => Cell::Moment(Moment::parse(value.as_str()?)?),
            // No list is sorted by one.
            Kind::Instant => return None,
        })
    }
}

/// One column of a table of `R`.
pub(crate) struct Column<R> {
    /// As in JSON.
    pub(crate) name: &'static str,
    /// What stands in it.
    pub(crate) kind: Kind,
    /// Whether it may be missing.
    pub(crate) presence: Presence,
    /// In words, for the API's document.
    pub(crate) about: &'static str,
    /// The value of a row.
    pub(crate) cell: fn(&R) -> Cell<'_>,
}

/// Whether every row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It does.
    Always,
    /// It may be null.
    Nullable,
}

impl<R> Column<R> {
    pub(super) const fn always(
        name: &'static str,
        kind: Kind,
        about: &'static str,
        cell: fn(&R) -> Cell<'_>,
    ) -> Self {
        Self { name, kind, presence: Presence::Always, about, cell }
    }

    pub(super) const fn nullable(
        name: &'static str,
        kind: Kind,
        about: &'static str,
        cell: fn(&R) -> Cell<'_>,
    ) -> Self {
        Self { name, kind, presence: Presence::Nullable, about, cell }
    }
}

/// A table of `R`.
pub(crate) struct Table<R: 'static> {
    /// As in routes and commands.
    pub(crate) name: &'static str,
    /// The name of a row's schema in the API's document.
    pub(crate) schema: &'static str,
    /// What a row is, for the API's document.
    pub(crate) about: &'static str,
    /// Its columns; the first is the key.
    pub(crate) columns: &'static [Column<R>],
    /// How its lists are sorted where nothing else is asked for.
    pub(crate) default_sort: &'static str,
    /// A row to show what they look like.
    pub(crate) example: fn() -> R,
}
