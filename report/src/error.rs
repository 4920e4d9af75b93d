//! Why there is no report.

use thiserror::Error;

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportError {
    /// A font that stands in this crate is none.
    #[error("a font of the report cannot be read")]
    Font,
    /// krilla does not take its settings.
    #[error("the report's form is none that can be written")]
    Settings,
    /// What was made is no tagged PDF.
    #[error("the report is not what PDF/UA-1 asks for: {0}")]
    Refused(String),
}
