//! Rows that have a table.

use super::column::{Cell, Table};
use super::json;

/// A row of a described table.
pub(crate) trait Tabular: Send + Sync + Sized + 'static {
    /// The table.
    const TABLE: &'static Table<Self>;

    /// Appends the JSON object of the row.
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write(Self::TABLE, self, out);
    }

    /// The row's key.
    fn key(&self) -> Cell<'_> {
        (Self::TABLE.columns[0].cell)(self)
    }
}
