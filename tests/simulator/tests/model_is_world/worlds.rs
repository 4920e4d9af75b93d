//! The model and the worlds that it is held against, as the suite of logs and stores wants them.

use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_platform::conformance::{PARTITIONS, World, servers};
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
use goldstream_platform::instance::Instances;
use goldstream_platform::kafka::{KafkaLog, KafkaSettings, KafkaTopics};
use goldstream_platform::log::Log;
use goldstream_platform::redis::{RedisClient, RedisStore};
use goldstream_platform::store::Store;
use goldstream_platform::topology::Topology;
use goldstream_simulator::port::Handle;
use std::sync::Arc;
use tempfile::TempDir;

/// The simulated log and store.
pub(crate) struct Model(Handle);

impl Model {
    pub(crate) fn new() -> Self {
        Self(Handle::at_once(PARTITIONS))
    }
}

impl World for Model {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.0.clone())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}

/// Both in one file.
pub(crate) struct File {
    dir: TempDir,
    open: Option<Embedded>,
}

impl File {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = Some(Embedded::open(dir.path(), Some(PARTITIONS)).unwrap());
        Self { dir, open }
    }
}

impl World for File {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.open.clone().unwrap())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.open.clone().unwrap())
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {
            self.open.take().unwrap().close().unwrap();
            self.open = Some(Embedded::open(self.dir.path(), None).unwrap());
        }
        .boxed()
    }
}

/// Kafka and Redis.
pub(crate) struct Servers {
    prefix: String,
    open: Option<(KafkaLog, RedisStore)>,
}

impl Servers {
    pub(crate) async fn new() -> Self {
        let prefix = servers::fresh_prefix("model");
        let open = Some(Self::connect(&prefix).await);
        Self { prefix, open }
    }

    async fn connect(prefix: &str) -> (KafkaLog, RedisStore) {
        let settings = KafkaSettings::plain(servers::kafka(), prefix);
        KafkaTopics::new(&settings).unwrap().make(PARTITIONS).await.unwrap();
        let instances = Instances::Named("model".to_owned());
        let log = KafkaLog::new(settings, PARTITIONS, instances, Health::default()).unwrap();
        let client = RedisClient::connect(&servers::redis().as_str().into(), prefix).await.unwrap();
        let store = client.with_topology(Topology::of_this_version(PARTITIONS)).await.unwrap();
        (log, store)
    }
}

impl World for Servers {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.open.clone().unwrap().0)
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.open.clone().unwrap().1)
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {
            self.open = None;
            self.open = Some(Self::connect(&self.prefix).await);
        }
        .boxed()
    }
}
