//! What tests of this crate share: a lake in memory, and small files.

use crate::objects::Lake;
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use object_store::memory::InMemory;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use std::sync::Arc;

pub(crate) fn memory_lake() -> Lake {
    Lake::new(Arc::new(InMemory::new()), "memory")
}

/// A file with so many rows and this metadata.
pub(crate) fn table_of(rows: i64, metadata: &[(&str, &str)]) -> Bytes {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let column = Arc::new(Int64Array::from_iter_values(0..rows));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    for (key, value) in metadata {
        writer.append_key_value_metadata(KeyValue::new((*key).to_owned(), (*value).to_owned()));
    }
    Bytes::from(writer.into_inner().unwrap())
}
