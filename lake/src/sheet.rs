//! Columns as a Parquet file, and back. How each column is packed is decided here.

use crate::error::LakeError;
use crate::limits::ROW_GROUP_ROWS;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Numbers that grow from row to row: their steps are kept.
const STEPS: [&str; 8] =
    ["position", "ingested_at", "origin", "prev", "line", "at", "log_position", "purchased_at"];

/// Text that seldom comes again: a dictionary of it would be thrown away.
const UNIQUE: [&str; 8] =
    ["purchase_id", "customer_id", "name", "email", "detail", "raw", "record", "signup_date"];

fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by(concat!("goldstream ", env!("CARGO_PKG_VERSION")).to_owned());
    for field in schema.fields() {
        let (name, path) = (&**field.name(), ColumnPath::from(&**field.name()));
        let is_number = !field.data_type().is_nested() && field.data_type().is_primitive();
        if STEPS.contains(&name) && is_number {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        } else if UNIQUE.contains(&name) || (STEPS.contains(&name) && !is_number) {
            properties = properties.set_column_dictionary_enabled(path, false);
        }
    }
    properties.build()
}

/// The file of these rows.
pub(crate) fn write(
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, LakeError>>,
) -> Result<(Bytes, u64), LakeError> {
    let mut writer =
        ArrowWriter::try_new(Vec::new(), SchemaRef::clone(schema), Some(properties(schema)))?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    Ok((Bytes::from(writer.into_inner()?), rows))
}

/// The rows of a file, some at a time, and what they are made of.
pub(crate) fn read(
    file: Bytes,
    batch_rows: usize,
) -> Result<(SchemaRef, ParquetRecordBatchReader), LakeError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let schema = SchemaRef::clone(builder.schema());
    Ok((schema, builder.with_batch_size(batch_rows).build()?))
}

/// What a file's metadata says under a key.
pub(crate) fn value_of(file: Bytes, key: &str) -> Result<Option<String>, LakeError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let values = builder.metadata().file_metadata().key_value_metadata();
    let found = values.and_then(|values| values.iter().find(|value| value.key == key));
    Ok(found.and_then(|value| value.value.clone()))
}
