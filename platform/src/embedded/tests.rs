//! The embedded log and store under the suite, and what is theirs alone.

mod backup;
mod damage;
mod documents;
mod generations;

use super::{Embedded, OpenError};
use crate::conformance::{PARTITIONS, World, check};
use crate::log::{Log, Topic, TopicPartition};
use crate::store::Store;
use crate::topology::Topology;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::column::Kind;
use goldstream_domain::record::{Block, BlockBuilder, Headers};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

struct EmbeddedWorld {
    dir: TempDir,
    open: Option<Embedded>,
}

impl EmbeddedWorld {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = Some(Embedded::open(dir.path(), Some(PARTITIONS)).unwrap());
        Self { dir, open }
    }

    fn embedded(&self) -> Embedded {
        self.open.clone().unwrap()
    }
}

impl World for EmbeddedWorld {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.embedded())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.embedded())
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {
            self.open.take().unwrap().close().unwrap();
            self.open = Some(Embedded::open(self.dir.path(), None).unwrap());
        }
        .boxed()
    }
}

fn block(records: usize) -> Block {
    let mut builder = BlockBuilder::default();
    for _ in 0..records {
        builder.push(Headers { origin: None, ingested_at_ms: 0, line: None }, |out| {
            out.extend([7; 100]);
        });
    }
    builder.take()
}

#[cfg(unix)]
#[test]
fn a_store_that_is_made_is_its_owners_alone_and_one_that_is_there_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(super::FILE_NAME);
    let rights = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    Embedded::open(dir.path(), None).unwrap().close().unwrap();
    assert_eq!(rights(), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    Embedded::open(dir.path(), None).unwrap().close().unwrap();
    assert_eq!(rights(), 0o640);
}

#[tokio::test]
async fn the_embedded_log_and_store_pass_the_suite() {
    check(|| async { EmbeddedWorld::new() }).await;
}

#[tokio::test]
async fn a_directory_in_use_is_refused_by_name() {
    let world = EmbeddedWorld::new();
    let error = Embedded::open(world.dir.path(), None).unwrap_err();
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
}

#[tokio::test]
async fn another_partition_count_is_refused_with_a_way_out() {
    let mut world = EmbeddedWorld::new();
    world.open.take().unwrap().close().unwrap();
    let error = Embedded::open(world.dir.path(), Some(PARTITIONS + 1)).unwrap_err();
    assert!(matches!(error, OpenError::OtherTopology { .. }));
    assert!(error.to_string().contains("new --data-dir"), "{error}");
}

#[tokio::test]
async fn another_hash_is_refused_with_a_way_out() {
    let mut world = EmbeddedWorld::new();
    world.open.take().unwrap().close().unwrap();
    let other = Topology { hash: "crc32".to_owned(), ..Topology::of_this_version(PARTITIONS) };
    write_topology(world.dir.path(), &other);
    let error = Embedded::open(world.dir.path(), None).unwrap_err();
    assert!(matches!(error, OpenError::OtherTopology { .. }), "{error}");
    let sentence = error.to_string();
    let says = |words: &str| assert!(sentence.contains(words), "{sentence}");
    ["hash: crc32", "new --data-dir"].into_iter().for_each(says);
}

/// As a file says that has no goldstream open.
fn write_topology(dir: &Path, topology: &Topology) {
    let database = redb::Database::open(dir.join(super::FILE_NAME)).unwrap();
    let write = database.begin_write().unwrap();
    let json = serde_json::to_string(topology).unwrap();
    write.open_table(super::file::META).unwrap().insert("topology", json.as_str()).unwrap();
    write.commit().unwrap();
}

#[tokio::test]
async fn a_file_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(super::FILE_NAME), "no database").unwrap();
    let error = Embedded::open(dir.path(), None).unwrap_err();
    assert!(matches!(error, OpenError::Unusable { .. }), "{error}");
}

#[tokio::test]
async fn a_reader_that_lags_beyond_memory_reads_the_file() {
    let world = EmbeddedWorld::new();
    let log = world.log();
    let at = TopicPartition::new(Topic::Bronze(Kind::Purchases), 0);
    // Four times what is kept in memory.
    let blocks = 4 * crate::limits::TAIL_BYTES_MAX / (100 * 1000);
    for _ in 0..blocks {
        log.append(vec![(at, block(1000))]).await.unwrap();
    }
    let mut position = 0;
    while let Some(fetched) = log.read(at, position).await.unwrap() {
        assert_eq!(fetched.first, position);
        position += fetched.block.len();
    }
    assert_eq!(position, 1000 * blocks as u64);
}
