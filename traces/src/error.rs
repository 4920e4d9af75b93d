//! Why traces cannot be told.

use goldstream_platform::metrics::MetricsError;

/// Traces cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// There is no client for it.
    #[error("traces cannot be sent: {0}")]
    Client(String),
    /// There are numbers of that name.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}
