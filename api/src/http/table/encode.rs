//! Rows as CSV, NDJSON, Arrow IPC stream or Parquet, written as they come: a table need not be in
//! memory in any of these forms.

use super::columnar;
use super::error::EncodeError;
use super::sheet::{self, Locale};
use super::tabular::Tabular;
use super::text::csv_text;
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::io::Write;

/// Rows of one Parquet row group: what is kept in memory until it is written.
const ROW_GROUP_ROWS: usize = 64 * 1024;

/// A form of many rows without anything around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowsFormat {
    Csv,
    /// CSV for a person's spreadsheet.
    Sheet(Locale),
    Ndjson,
    Arrow,
    Parquet,
}

/// Writes rows in one of the forms.
pub(crate) enum RowsWriter<W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    Sheet(Locale, Box<csv::Writer<W>>),
    Ndjson(W, Vec<u8>),
    Arrow(Box<StreamWriter<W>>, SchemaRef),
    Parquet(Box<ArrowWriter<W>>, SchemaRef),
}

impl<W: Write + Send> RowsWriter<W> {
    /// Begins a table of `R`.
    pub(crate) fn new<R: Tabular>(format: RowsFormat, out: W) -> Result<Self, EncodeError> {
        let schema = columnar::schema::<R>;
        Ok(match format {
            RowsFormat::Csv => {
                let mut csv =
                    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
                csv.write_record(R::TABLE.columns.iter().map(|column| column.name))?;
                Self::Csv(Box::new(csv))
            }
            RowsFormat::Sheet(locale) => {
                Self::Sheet(locale, Box::new(sheet::begin::<R, W>(locale, out)?))
            }
            RowsFormat::Ndjson => Self::Ndjson(out, Vec::new()),
            RowsFormat::Arrow => {
                let schema = schema();
                Self::Arrow(Box::new(StreamWriter::try_new(out, &schema)?), schema)
            }
            RowsFormat::Parquet => {
                let schema = schema();
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
                    .build();
                let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
                Self::Parquet(Box::new(writer), schema)
            }
        })
    }

    /// Says something of the table as a whole, in the forms that have room for it.
    pub(crate) fn note(&mut self, key: &str, value: String) {
        if let Self::Parquet(parquet, _) = self {
            parquet.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
    }

    /// Appends rows.
    pub(crate) fn write<R: Tabular>(&mut self, rows: &[R]) -> Result<(), EncodeError> {
        match self {
            Self::Csv(csv) => rows.iter().try_for_each(|row| write_csv(csv, row)),
            Self::Sheet(locale, csv) => {
                rows.iter().try_for_each(|row| sheet::write(*locale, csv, row))
            }
            Self::Ndjson(out, lines) => {
                lines.clear();
                for row in rows {
                    row.write_json(lines);
                    lines.push(b'\n');
                }
                Ok(out.write_all(lines)?)
            }
            Self::Arrow(stream, schema) => {
                let batch: RecordBatch = columnar::batch(schema, rows)?;
                Ok(stream.write(&batch)?)
            }
            Self::Parquet(parquet, schema) => Ok(parquet.write(&columnar::batch(schema, rows)?)?),
        }
    }

    /// Ends the table.
    pub(crate) fn finish(self) -> Result<(), EncodeError> {
        match self {
            Self::Csv(mut csv) | Self::Sheet(_, mut csv) => Ok(csv.flush()?),
            Self::Ndjson(mut out, _) => Ok(out.flush()?),
            Self::Arrow(mut stream, _) => {
                stream.finish()?;
                Ok(stream.get_mut().flush()?)
            }
            Self::Parquet(mut parquet, _) => {
                parquet.finish()?;
                Ok(parquet.inner_mut().flush()?)
            }
        }
    }
}

fn write_csv<R: Tabular, W: Write>(csv: &mut csv::Writer<W>, row: &R) -> Result<(), EncodeError> {
    for column in R::TABLE.columns {
        csv.write_field(&*csv_text((column.cell)(row)))?;
    }
    Ok(csv.write_record(None::<&[u8]>)?)
}
