//! A Redis and a prefix in it, before a topology is settled: opening, looking at and wiping a store.

use super::findings::{self, Finding};
use super::keys::Keys;
use super::link::Link;
use super::server::Server;
use super::shared::Shared;
use super::store::RedisStore;
use super::thread::Thread;
use super::topology::{establish, refusal, stored};
use super::wipe;
use crate::limits::STREAM_BYTES_MAX;
use crate::store::StoreError;
use crate::topology::Topology;
use ::redis::cmd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why a store could not be opened. No sentence holds a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is none.
    #[error(
        "the redis URL is not understood: it is redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER], \
         and TLS (rediss) is not built in"
    )]
    BadUrl,
    /// Scripts of such a server may begin and then fail.
    #[error("redis at {address} is version {version}, but 7.0 or newer is needed")]
    TooOld {
        /// `HOST:PORT`
        address: String,
        /// Its version.
        version: String,
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

/// A connection to a Redis and a prefix in it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RedisClient {
    thread: Arc<Thread>,
    server: Server,
    keys: Keys,
    link: Arc<Link>,
    version: Option<Arc<str>>,
}

impl RedisClient {
    /// Connects. `url` is `redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER]`; every key begins with
    /// `prefix` and a colon. May be polled by any executor.
    ///
    /// # Errors
    /// [`OpenError`]: a bad URL, a server that is away or too old.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, OpenError> {
        let server = Server::new(url).ok_or(OpenError::BadUrl)?;
        let thread = Thread::start()?;
        let link = Arc::new(Link::new(server.clone()));
        let for_version = Arc::clone(&link);
        let ask = async move { findings::version(&for_version).await };
        let version = thread.run::<_, StoreError, _>(ask).await?;
        if let Some(version) = version.as_deref().filter(|it| !findings::is_new_enough(it)) {
            let (address, version) = (server.address().to_owned(), version.to_owned());
            return Err(OpenError::TooOld { address, version });
        }
        let version = version.map(Arc::from);
        Ok(Self { thread, server, keys: Keys::new(prefix), link, version })
    }

    /// `HOST:PORT`
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.address()
    }

    /// The server's version, none where it does not tell.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// How long the server takes to answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        let link = Arc::clone(&self.link);
        let ask = async move {
            let asked = Instant::now();
            link.query(&cmd("PING")).await?;
            Ok(asked.elapsed())
        };
        self.thread.run(ask).await
    }

    /// What a person should know about the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not answer.
    pub async fn findings(&self) -> Result<Vec<Finding>, StoreError> {
        let link = Arc::clone(&self.link);
        self.thread.run(async move { findings::findings(&link).await }).await
    }

    /// The topology that the prefix was made with, none where nothing is stored.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn stored_topology(&self) -> Result<Option<Topology>, StoreError> {
        let (link, keys) = (Arc::clone(&self.link), self.keys.clone());
        let ask = async move { stored(&link, &keys).await };
        let stored = self.thread.run::<_, StoreError, _>(ask).await?;
        Ok(stored.map(|stored| stored.topology))
    }

    /// The store, made with `wanted` if there is none yet.
    ///
    /// # Errors
    /// [`OpenError::OtherTopology`] where it was made with another one, else [`OpenError::Store`].
    pub async fn with_topology(&self, wanted: Topology) -> Result<RedisStore, OpenError> {
        self.with_feed_of(wanted, STREAM_BYTES_MAX).await
    }

    /// As [`Self::with_topology`]; a feed larger than `feed_bytes_max` loses its oldest entries.
    pub(super) async fn with_feed_of(
        &self,
        wanted: Topology,
        feed_bytes_max: u64,
    ) -> Result<RedisStore, OpenError> {
        let (link, keys, topology) = (Arc::clone(&self.link), self.keys.clone(), wanted.clone());
        let ask = async move { establish(&link, &keys, &topology).await };
        let stored = self.thread.run::<_, StoreError, _>(ask).await?.topology;
        if stored != wanted {
            let sentence = refusal(&self.server, &self.keys, &stored, &wanted);
            return Err(OpenError::OtherTopology(sentence));
        }
        let (server, keys) = (self.server.clone(), self.keys.clone());
        let shared = Shared::new(server, keys, wanted, feed_bytes_max);
        Ok(RedisStore::new(Arc::clone(&self.thread), Arc::new(shared)))
    }

    /// How many keys [`Self::wipe`] would delete.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn count_keys(&self) -> Result<u64, StoreError> {
        let (link, keys) = (Arc::clone(&self.link), self.keys.clone());
        let ask = async move { wipe::keys_of(&link, &keys).await };
        Ok(self.thread.run::<_, StoreError, _>(ask).await?.len() as u64)
    }

    /// Deletes every key of the prefix and gives their number. Stores that are open on it go on
    /// as on an empty one.
    ///
    /// # Errors
    /// [`StoreError`]; some keys may be gone then, and another call deletes the rest.
    pub async fn wipe(&self) -> Result<u64, StoreError> {
        let (link, keys) = (Arc::clone(&self.link), self.keys.clone());
        self.thread.run(async move { wipe::wipe(&link, &keys).await }).await
    }
}
