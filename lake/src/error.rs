//! Why something could not be done in a lake.

use goldstream_domain::codec::CodecError;
use goldstream_platform::log::LogError;
use object_store::Error as StoreError;

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// It may work later.
    #[error("{0}")]
    Unavailable(String),
    /// It will not, until a person acts.
    #[error("{0}")]
    Refused(String),
    /// It is not permitted.
    #[error("{0}")]
    Denied(String),
    /// Another writer has gone on with this partition: what it wrote is to be read first.
    #[error("another writer has gone on with {0}")]
    Overtaken(String),
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A record of the log cannot be read.
    #[error("a record of the log cannot be read: {0}")]
    Record(#[from] CodecError),
    /// Rows could not be made Parquet, or read from it.
    #[error("no Parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Rows could not be put into columns.
    #[error("no columns: {0}")]
    Columns(#[from] arrow_schema::ArrowError),
}

impl LakeError {
    /// Whether the same may work later, without anybody doing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Log(LogError::Unavailable(_)))
    }

    /// Something that stands in the lake is not what this program writes.
    pub(crate) fn damaged(path: &impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::Refused(format!("{path} in the lake cannot be read: {why}"))
    }
}

impl From<StoreError> for LakeError {
    fn from(error: StoreError) -> Self {
        let words = sentence(&error);
        match error {
            StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
                Self::Denied(words)
            }
            StoreError::NotFound { .. }
            | StoreError::NotSupported { .. }
            | StoreError::NotImplemented { .. }
            | StoreError::InvalidPath { .. }
            | StoreError::UnknownConfigurationKey { .. } => Self::Refused(words),
            _ => Self::Unavailable(words),
        }
    }
}

/// An error with all that it follows from, in one line.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !words.contains(&told) {
            words = format!("{words}: {told}");
        }
        cause = error.source();
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
