//! Why a store cannot be opened.

use crate::store::StoreError;

/// Why a store could not be opened. No sentence holds a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is none.
    #[error(
        "the redis URL is not understood: it is redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER], \
         or rediss:// for TLS; of a cluster HOST:PORT,HOST:PORT may be given; sentinels are \
         redis-sentinel://[[USER]:PASSWORD@]HOST:PORT,HOST:PORT#MASTER, or rediss-sentinel://"
    )]
    BadUrl,
    /// What was read from a file is none.
    #[error("a certificate or key for redis is not understood: they are files in PEM form")]
    BadCertificate,
    /// Scripts of such a server may begin and then fail.
    #[error("redis at {address} is version {version}, but 7.0 or newer is needed")]
    TooOld {
        /// `HOST:PORT`
        address: String,
        /// Its version.
        version: String,
    },
    /// Only the nodes of a cluster are one store.
    #[error("several redis servers are named, but the one at {address} is not part of a cluster")]
    NoCluster {
        /// `HOST:PORT`
        address: String,
    },
    /// It was made with other settings.
    #[error("{0}")]
    OtherTopology(String),
    /// It is away or damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This machine gives no thread.
    #[error("cannot start the redis thread: {0}")]
    Thread(#[from] std::io::Error),
}
