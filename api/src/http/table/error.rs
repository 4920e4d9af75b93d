//! Why rows could not be written.

use arrow_schema::ArrowError;
use parquet::errors::ParquetError;
use std::io;

/// Why rows could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
    #[error("no CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("no Arrow batch: {0}")]
    Arrow(#[from] ArrowError),
    #[error("no Parquet: {0}")]
    Parquet(#[from] ParquetError),
    #[error("the records cannot be read: {0}")]
    Source(String),
}
