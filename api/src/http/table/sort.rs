//! The order of a list: by any column, null last either way, equal rows by their key.

use super::column::{Cell, Column};
use super::tabular::Tabular;
use std::cmp::Ordering;

/// Where a row stands in a list: the value by which it is sorted, then its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) value: Cell<'a>,
    pub(crate) key: Cell<'a>,
}

/// By which column, and which way.
pub(crate) struct Sort<R: 'static> {
    column: &'static Column<R>,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl<R: Tabular> Sort<R> {
    /// Reads a column's name, with `-` before it for the largest first.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, direction) = match text.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        let column = R::TABLE.columns.iter().find(|column| column.name == name)?;
        Some(Self { column, direction })
    }

    /// The text that it is read from.
    pub(crate) fn text(&self) -> String {
        let sign = if self.direction == Direction::Descending { "-" } else { "" };
        format!("{sign}{}", self.column.name)
    }

    /// Whether it is the table's own.
    pub(crate) fn is_default(&self) -> bool {
        R::TABLE.default_sort.strip_prefix('-') == Some(self.column.name)
            && self.direction == Direction::Descending
            || R::TABLE.default_sort == self.column.name && self.direction == Direction::Ascending
    }

    /// What stands in its column.
    pub(crate) const fn column(&self) -> &'static Column<R> {
        self.column
    }

    /// Where a row stands.
    pub(crate) fn place_of<'a>(&self, row: &'a R) -> Place<'a> {
        Place { value: (self.column.cell)(row), key: row.key() }
    }

    fn compare(&self, a: &Place<'_>, b: &Place<'_>) -> Ordering {
        let by_value = null_last(&a.value, &b.value, self.direction);
        by_value.then_with(|| null_last(&a.key, &b.key, Direction::Ascending))
    }

    /// The rows behind a place, in order, at most so many.
    pub(crate) fn page(&self, mut rows: Vec<R>, after: Option<&Place<'_>>, count: usize) -> Vec<R> {
        if let Some(after) = after {
            rows.retain(|row| self.compare(&self.place_of(row), after) == Ordering::Greater);
        }
        let compare = |a: &R, b: &R| self.compare(&self.place_of(a), &self.place_of(b));
        if count < rows.len() {
            // Only a page of many rows is wanted: the others need no order among themselves.
            rows.select_nth_unstable_by(count, compare);
            rows.truncate(count);
        }
        rows.sort_unstable_by(compare);
        rows
    }
}

fn null_last(a: &Cell<'_>, b: &Cell<'_>, direction: Direction) -> Ordering {
    match (a, b) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Greater,
        (_, Cell::Null) => Ordering::Less,
        _ if direction == Direction::Descending => b.cmp(a),
        _ => a.cmp(b),
    }
}
