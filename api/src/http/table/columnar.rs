//! Rows as Arrow record batches, the common ground of the Arrow and Parquet forms.
//!
//! Cents and counts are `int64`, text and months `utf8`, days `date32`, the shop's wall times
//! `timestamp[ms]` without a zone, moments of the machine `timestamp[ms, UTC]`. Milliseconds,
//! because Parquet has no timestamps in seconds.

use super::column::{Cell, Column, Kind, Presence};
use super::tabular::Tabular;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

const UTC: &str = "UTC";

/// The schema of a table.
pub(crate) fn schema<R: Tabular>() -> SchemaRef {
    let field = |column: &Column<R>| {
        Field::new(column.name, data_type(column.kind), column.presence == Presence::Nullable)
    };
    let fields: Vec<Field> = R::TABLE.columns.iter().map(field).collect();
    Arc::new(Schema::new(fields))
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Month => DataType::Utf8,
        Kind::Integer => DataType::Int64,
        Kind::Flag => DataType::Boolean,
        Kind::Day => DataType::Date32,
        Kind::Moment => DataType::Timestamp(TimeUnit::Millisecond, None),
        Kind::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into())),
    }
}

/// The rows as one batch.
pub(crate) fn batch<R: Tabular>(schema: &SchemaRef, rows: &[R]) -> Result<RecordBatch, ArrowError> {
    let arrays = R::TABLE.columns.iter().map(|column| array(column, rows)).collect();
    RecordBatch::try_new(Arc::clone(schema), arrays)
}

fn array<R>(column: &Column<R>, rows: &[R]) -> ArrayRef {
    let cells = rows.iter().map(|row| (column.cell)(row));
    match column.kind {
        Kind::Text | Kind::Month => Arc::new(StringArray::from_iter(cells.map(text))),
        Kind::Integer => Arc::new(Int64Array::from_iter(cells.map(|cell| number(&cell)))),
        Kind::Flag => Arc::new(BooleanArray::from_iter(cells.map(|cell| match cell {
            Cell::Flag(flag) => Some(flag),
            _ => None,
        }))),
        Kind::Day => Arc::new(Date32Array::from_iter(cells.map(|cell| match cell {
            Cell::Day(day) => i32::try_from(day.0).ok(),
            _ => None,
        }))),
        Kind::Moment => Arc::new(milliseconds(cells)),
        Kind::Instant => Arc::new(milliseconds(cells).with_timezone(UTC)),
    }
}

fn milliseconds<'a>(cells: impl Iterator<Item = Cell<'a>>) -> TimestampMillisecondArray {
    TimestampMillisecondArray::from_iter(cells.map(|cell| number(&cell)))
}

fn text(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.into_owned()),
        Cell::Month(month) => Some(month.to_string()),
        _ => None,
    }
}

const fn number(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Integer(number) | Cell::Instant(number) => Some(*number),
        Cell::Moment(moment) => Some(moment.0 * 1_000),
        _ => None,
    }
}
