//! Why settings cannot be used, in sentences that say what can.

use super::bounds::{PARTITIONS_MAX, PREFIX_CHARS_MAX};
use crate::kafka::PropertyError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// What is wrong may be in a file that nobody thinks of.
    #[error("{error} (settings are read from {}, too)", path.display())]
    WithFile {
        /// What is wrong.
        error: Box<Self>,
        /// The file.
        path: PathBuf,
    },
    /// A file that a setting names cannot be read.
    #[error("cannot read {}, which {setting} names: {error}", path.display())]
    UnreadableFile {
        /// The setting.
        setting: String,
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file holds what is no setting.
    #[error("{}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A part of what belongs together.
    #[error("{given} is given without {missing}")]
    Half {
        /// The flag that is there.
        given: &'static str,
        /// The flag that is not.
        missing: &'static str,
    },
    /// Certificates for what is not encrypted.
    #[error("certificates for redis are given, but its URL does not begin with rediss://")]
    NoTls,
    /// A password that is none.
    #[error("{} is empty, but a secret is to be read from it", .0.display())]
    EmptySecret(PathBuf),
    /// What Kafka's clients are told.
    #[error(transparent)]
    Kafka(#[from] PropertyError),
    /// One server without the other.
    #[error("{given} is given without {missing}: log and store are on both servers, or in a file")]
    OneServer {
        /// The flag that is there.
        given: &'static str,
        /// The flag that is not.
        missing: &'static str,
    },
    /// A table of the file says what cannot be meant.
    #[error("{0}")]
    Table(String),
    /// It names topics and keys.
    #[error(
        "--prefix {0:?} cannot name topics: give 1 to {PREFIX_CHARS_MAX} letters, digits, dots, \
         dashes and underscores"
    )]
    Prefix(String),
    /// There must be partitions, and not absurdly many.
    #[error("--partitions must be between 1 and {PARTITIONS_MAX}, not {0}")]
    Partitions(u32),
    /// The file with the token cannot be read.
    #[error("cannot read the token in {}: {error}", path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// One core has a hundred.
    #[error("--audit-cpu-percent must be between 0 and 100, not {0}")]
    AuditCpuPercent(u32),
    /// It stands in a header.
    #[error("a token has letters, digits and -._~+/= only, and at least one of them")]
    Token,
    /// Somebody would guess it.
    #[error(
        "the token has {given} characters and would be guessed: give {wanted} at least; \
         `goldstream token` makes one"
    )]
    ShortToken {
        /// How many it has.
        given: usize,
        /// How many it must have.
        wanted: usize,
    },
    /// Others could read and write.
    #[error(
        "{0} is reached from other machines: give a token (GOLDSTREAM_TOKEN or --token-file), or say \
         that everybody may read and write with --insecure-listen"
    )]
    OpenToAll(SocketAddr),
    /// Browsers send origins in one form only.
    #[error(
        "--allow-origin {0:?} is no origin: give scheme, host and port as a browser sends them, \
         https://shop.example or http://localhost:5173"
    )]
    Origin(String),
}
