//! A world whose store is a Redis, one server or a cluster, and whose log is a file.

use super::servers::fresh_prefix;
use super::world::{PARTITIONS, World};
use crate::embedded::Embedded;
use crate::log::Log;
use crate::redis::{RedisClient, RedisStore};
use crate::store::Store;
use crate::topology::Topology;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::path::Path;
use std::sync::Arc;

/// Under a prefix of its own. `D` is the directory of its log, and may remove it when dropped.
pub struct OnRedis<D> {
    dir: D,
    url: String,
    prefix: String,
    /// None only while it is being restarted.
    open: Option<(Embedded, RedisStore)>,
}

impl<D: AsRef<Path>> OnRedis<D> {
    /// An empty one.
    ///
    /// # Panics
    /// Where the file cannot be made or the Redis is away.
    pub async fn new(dir: D, url: &str) -> Self {
        let (url, prefix) = (url.to_owned(), fresh_prefix("suite"));
        let log = Embedded::open(dir.as_ref(), Some(PARTITIONS)).expect("a file can be made");
        let open = Some((log, connect(&url, &prefix).await));
        Self { dir, url, prefix, open }
    }

    fn open(&self) -> &(Embedded, RedisStore) {
        self.open.as_ref().expect("it is open")
    }
}

async fn connect(url: &str, prefix: &str) -> RedisStore {
    let client = RedisClient::connect(&url.into(), prefix).await.expect("the Redis answers");
    let store = client.with_topology(Topology::of_this_version(PARTITIONS)).await;
    store.expect("the prefix is nobody else's")
}

impl<D: AsRef<Path> + Send + Sync> World for OnRedis<D> {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.open().0.clone())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.open().1.clone())
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {
            let (log, store) = self.open.take().expect("it is open");
            log.close().expect("the file can be closed");
            drop((log, store));
            let log = Embedded::open(self.dir.as_ref(), None).expect("the file is there");
            self.open = Some((log, connect(&self.url, &self.prefix).await));
        }
        .boxed()
    }
}
