//! What is wrong with a row that its text does not tell.

use super::limits::too_long;
use std::fmt;

/// What is wrong with a line of a file, and where it stands there; or why a row is not here whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// A quote opens on it that is never closed.
    OpenQuote {
        /// The line of the file, from 1.
        line: u64,
    },
    /// It is longer than a row may be.
    TooLong {
        /// The line of the file, from 1.
        line: u64,
        /// Byte offset of its beginning in the file.
        from_bytes: u64,
        /// Byte offset of its end.
        to_bytes: u64,
    },
    /// It is a row, but the log does not take records of its size.
    TooLarge {
        /// Length of its JSON.
        bytes: u64,
        /// Checksum of that.
        checksum: u64,
    },
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote { line } => write!(f, "the quote opened at line {line} is not closed"),
            Self::TooLong { line, from_bytes, to_bytes } => {
                write!(f, "{}: line {line}, bytes {from_bytes} to {to_bytes}", too_long())
            }
            Self::TooLarge { bytes, .. } => {
                write!(f, "the log takes no record of {bytes} bytes: the beginning is kept")
            }
        }
    }
}
