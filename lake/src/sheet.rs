//! Columns as a Parquet file, and back. How each column is packed is decided here.

use crate::error::LakeError;
use crate::limits::ROW_GROUP_ROWS;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// How a column is packed before it is compressed.
enum Packing {
    /// Few values, each kept once.
    Dictionary,
    /// Numbers, by their steps from row to row.
    Steps,
    /// Text that begins as the row before: ids that grow, dates.
    Prefixes,
    /// Other text: lengths first. A dictionary of it would be thrown away.
    Lengths,
}

fn packing(name: &str, data_type: &DataType) -> Packing {
    match (name, data_type) {
        ("source" | "columns" | "product" | "country" | "reason", _) => Packing::Dictionary,
        ("purchase_id" | "purchased_at" | "signup_date", DataType::Utf8) => Packing::Prefixes,
        (_, DataType::Utf8 | DataType::Binary) => Packing::Lengths,
        _ => Packing::Steps,
    }
}

fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        // A page a column and row group, as far as its size allows: each is compressed by itself.
        .set_data_page_row_count_limit(ROW_GROUP_ROWS)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by(concat!("goldstream ", env!("CARGO_PKG_VERSION")).to_owned());
    for field in schema.fields() {
        let path = ColumnPath::from(&**field.name());
        let encoding = match packing(field.name(), field.data_type()) {
            Packing::Dictionary => continue,
            Packing::Steps => Encoding::DELTA_BINARY_PACKED,
            Packing::Prefixes => Encoding::DELTA_BYTE_ARRAY,
            Packing::Lengths => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        };
        if encoding != Encoding::DELTA_BINARY_PACKED {
            // Of ids and names no reader passes over a part of a file.
            let none = EnabledStatistics::None;
            properties = properties.set_column_statistics_enabled(path.clone(), none);
        }
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, encoding);
    }
    properties.build()
}

/// The file of these rows.
pub(crate) fn write(
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, LakeError>>,
) -> Result<(Bytes, u64), LakeError> {
    // Without Arrow's own schema: a column that is kept as a dictionary here is text to who reads it.
    let options = ArrowWriterOptions::new()
        .with_properties(properties(schema))
        .with_skip_arrow_metadata(true);
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), SchemaRef::clone(schema), options)?;
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
