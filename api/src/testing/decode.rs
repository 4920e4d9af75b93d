//! Tables read back from every form, each value as its JSON has it.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field};
use goldstream_domain::moment::{Day, Moment};
use goldstream_platform::clock::rfc3339;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value, json};

pub(crate) type Rows = Vec<Map<String, Value>>;

/// The rows of a JSON list.
pub(crate) fn json_rows(list: &Value) -> Rows {
    list["rows"].as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect()
}

pub(crate) fn ndjson(bytes: &[u8]) -> Rows {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn arrow(bytes: &[u8]) -> Rows {
    let reader = arrow_ipc::reader::StreamReader::try_new(bytes, None).unwrap();
    reader.flat_map(|batch| batch_rows(&batch.unwrap())).collect()
}

pub(crate) fn parquet(bytes: &[u8]) -> Rows {
    let bytes = axum::body::Bytes::copy_from_slice(bytes);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
    reader.flat_map(|batch| batch_rows(&batch.unwrap())).collect()
}

/// The texts of a CSV, by column.
pub(crate) fn csv(bytes: &[u8]) -> Rows {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        names.iter().zip(&record).map(|(name, text)| (name.to_owned(), json!(text))).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// What CSV makes of a JSON row: every value its text, null none.
pub(crate) fn as_texts(rows: &Rows) -> Rows {
    let text = |value: &Value| match value {
        Value::Null => json!(""),
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let row = |row: &Map<String, Value>| {
        row.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    rows.iter().map(row).collect()
}

fn batch_rows(batch: &RecordBatch) -> Rows {
    let schema = batch.schema();
    let row = |index: usize| {
        let cells = schema.fields().iter().zip(batch.columns());
        cells.map(|(field, array)| (field.name().clone(), value(field, array, index))).collect()
    };
    (0..batch.num_rows()).map(row).collect()
}

fn value(field: &Field, array: &dyn Array, index: usize) -> Value {
    if array.is_null(index) {
        assert!(field.is_nullable(), "{field}");
        return Value::Null;
    }
    match field.data_type() {
        DataType::Utf8 => json!(array.as_string::<i32>().value(index)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(index)),
        DataType::Boolean => json!(array.as_boolean().value(index)),
        DataType::Date32 => {
            json!(Day(array.as_primitive::<Date32Type>().value(index) as u32).to_string())
        }
        DataType::Timestamp(_, zone) => {
            let at_ms = array.as_primitive::<TimestampMillisecondType>().value(index);
            match zone {
                Some(_) => json!(rfc3339(at_ms)),
                None => json!(Moment(at_ms / 1_000).to_string()),
            }
        }
        other => panic!("{other}"),
    }
}
