//! Why a data directory cannot be opened.

use crate::topology::Topology;
use std::path::PathBuf;

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A running goldstream holds it.
    #[error("{} is in use by another goldstream", .0.display())]
    InUse(PathBuf),
    /// It was made with other settings.
    #[error(
        "{} was made with {stored}, but {wanted} is wanted: give the stored settings, or fold \
         the rows again into a new --data-dir; another future_days alone is taken by goldstream rebuild", path.display()
    )]
    OtherTopology {
        /// The directory.
        path: PathBuf,
        /// What stands in it.
        stored: Topology,
        /// What was asked for.
        wanted: Topology,
    },
    /// A later version made it.
    #[error(
        "{} was written by goldstream {written_by} (logic version {logic_version}), which is later than this one \
         ({}): use that one, or a later one", path.display(), env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// Of its rules.
        logic_version: u32,
        /// The version that wrote it last.
        written_by: String,
    },
    /// It cannot be read or written.
    #[error("cannot open {}: {reason}", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
