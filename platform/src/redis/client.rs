//! A Redis and a prefix in it, before a topology is settled: opening, looking at and wiping a store.

use super::error::OpenError;
use super::findings::{self, Finding};
use super::keys::Keys;
use super::links::Links;
use super::server::Server;
use super::shared::Shared;
use super::site::{NoSite, Site};
use super::store::RedisStore;
use super::thread::Thread;
use super::topology::{establish, refusal, stored};
use super::wipe;
use crate::limits::STREAM_BYTES_MAX;
use crate::settings::RedisSettings;
use crate::store::StoreError;
use crate::topology::Topology;
use ::redis::cmd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A connection to a Redis and a prefix in it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RedisClient {
    pub(super) thread: Arc<Thread>,
    pub(super) keys: Keys,
    pub(super) links: Arc<Links>,
    version: Option<Arc<str>>,
}

/// What became of a try to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It stands there.
    Taken,
    /// The user may only look; the sentence says what he may not.
    NotPermitted(String),
}

/// Shards of a cluster to which something is written as a try: they lie on every node but by a rare chance.
const PROBED_SHARDS: u32 = 64;
/// What was written as a try is gone after so long.
const PROBE_LIFE_MS: u32 = 1000;

impl RedisClient {
    /// Connects. The URL is `redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER]`, with more `,HOST:PORT` where
    /// several nodes of a cluster are named; every key begins with `prefix` and a colon. May be polled by
    /// any executor.
    ///
    /// # Errors
    /// [`OpenError`]: a bad URL, a server that is away or too old.
    pub async fn connect(settings: &RedisSettings, prefix: &str) -> Result<Self, OpenError> {
        let servers = Server::several(settings)?;
        let thread = Thread::start()?;
        let find = async move {
            let links = Arc::new(Links::new(Site::find(servers).await?));
            let version = oldest(&links).await?;
            Ok::<_, OpenError>((links, version))
        };
        let (links, version) = thread.run(find).await?;
        Ok(Self { thread, keys: Keys::new(prefix), links, version })
    }

    /// `HOST:PORT`, several where several were named.
    #[must_use]
    pub fn address(&self) -> String {
        self.links.site().address()
    }

    /// How many nodes of a cluster have keys; none where it is no cluster.
    #[must_use]
    pub fn cluster_nodes(&self) -> Option<usize> {
        self.links.is_cluster().then(|| self.links.site().nodes().len())
    }

    /// The server's version, none where it does not tell.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// How long the slowest server takes to answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        let links = Arc::clone(&self.links);
        let ask = async move {
            let mut slowest = Duration::ZERO;
            for link in links.all().await? {
                let asked = Instant::now();
                link.query(&cmd("PING")).await?;
                slowest = slowest.max(asked.elapsed());
            }
            Ok(slowest)
        };
        self.thread.run(ask).await
    }

    /// Writes keys that end by themselves: one, in a cluster those of several shards.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where one is not taken: the server is full, or a replica.
    pub async fn try_write(&self) -> Result<Written, StoreError> {
        let (links, keys) = (Arc::clone(&self.links), self.keys.clone());
        let shards = if links.is_cluster() { PROBED_SHARDS } else { 1 };
        let write = async move {
            for shard in 0..shards {
                let mut set = cmd("SET");
                set.arg(keys.probe(shard)).arg("written").arg("PX").arg(PROBE_LIFE_MS);
                match links.ask(&set).await {
                    Ok(_) => {}
                    Err(failure) if failure.is_not_permitted() => {
                        return Ok(Written::NotPermitted(StoreError::from(failure).to_string()));
                    }
                    Err(failure) => return Err(failure.into()),
                }
            }
            Ok(Written::Taken)
        };
        self.thread.run::<_, StoreError, _>(write).await
    }

    /// What a person should know about the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not answer.
    pub async fn findings(&self) -> Result<Vec<Finding>, StoreError> {
        let links = Arc::clone(&self.links);
        self.thread.run(async move { findings::findings(&links).await }).await
    }

    /// The topology that the prefix was made with, none where nothing is stored.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn stored_topology(&self) -> Result<Option<Topology>, StoreError> {
        let (links, keys) = (Arc::clone(&self.links), self.keys.clone());
        let ask = async move { stored(&links, &keys).await };
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
        let (links, keys, topology) = (Arc::clone(&self.links), self.keys.clone(), wanted.clone());
        let ask = async move { establish(&links, &keys, &topology).await };
        let stored = self.thread.run::<_, StoreError, _>(ask).await?.topology;
        if stored != wanted {
            let sentence = refusal(self.links.site(), &self.keys, &stored, &wanted);
            return Err(OpenError::OtherTopology(sentence));
        }
        let (site, keys) = (self.links.site().clone(), self.keys.clone());
        let shared = Shared::new(site, keys, wanted, feed_bytes_max);
        Ok(RedisStore::new(Arc::clone(&self.thread), Arc::new(shared)))
    }

    /// How many keys [`Self::wipe`] would delete.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn count_keys(&self) -> Result<u64, StoreError> {
        let (links, keys) = (Arc::clone(&self.links), self.keys.clone());
        let ask = async move { wipe::keys_of(&links, &keys).await };
        Ok(self.thread.run::<_, StoreError, _>(ask).await?.len() as u64)
    }

    /// Deletes every key of the prefix and gives their number. Stores that are open on it go on
    /// as on an empty one.
    ///
    /// # Errors
    /// [`StoreError`]; some keys may be gone then, and another call deletes the rest.
    pub async fn wipe(&self) -> Result<u64, StoreError> {
        let (links, keys) = (Arc::clone(&self.links), self.keys.clone());
        self.thread.run(async move { wipe::wipe(&links, &keys).await }).await
    }
}

/// The oldest version of all servers, none where one does not tell.
async fn oldest(links: &Links) -> Result<Option<Arc<str>>, OpenError> {
    let mut oldest = None;
    for link in links.all().await? {
        let Some(version) = findings::version(&link).await? else { return Ok(None) };
        if !findings::is_new_enough(&version) {
            let address = link.server().address().to_owned();
            return Err(OpenError::TooOld { address, version });
        }
        oldest = Some(oldest.map_or(version.clone(), |oldest: String| oldest.min(version)));
    }
    Ok(oldest.map(Arc::from))
}

impl From<NoSite> for OpenError {
    fn from(reason: NoSite) -> Self {
        match reason {
            NoSite::NoCluster(address) => Self::NoCluster { address },
            NoSite::Away(error) => Self::Store(error),
        }
    }
}
