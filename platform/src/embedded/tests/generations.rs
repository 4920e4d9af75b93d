//! Two generations in one file: each by itself, the rows of both, and the one step in which the new one takes
//! the place of the old.

use super::*;
use crate::conformance::stores::{country, day, gold, silver};
use crate::embedded::{FILE_NAME, file, opening};
use crate::generations::Wanted;
use crate::rebuilding::Anew;
use crate::store::{CommitError, FeedEvent, Part, ShardId, StoreError};
use crate::topology::LOGIC_VERSION;
use goldstream_domain::gold::rows::RowChange;
use redb::ReadableTable;

const SILVER: TopicPartition = TopicPartition::new(Topic::Silver, 0);
const BRONZE: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Purchases), 0);

/// A log and a store beside which the next generation is folded.
struct BesideWorld(EmbeddedWorld);

impl BesideWorld {
    async fn new() -> Self {
        let world = EmbeddedWorld::new();
        let served = world.embedded();
        served.commit(gold(0, 9, vec![country(0, "Spain", 9)])).await.unwrap();
        served.append(vec![(SILVER, block(5))]).await.unwrap();
        served.begin_rebuild(Anew::served(0)).await.unwrap();
        Self(world)
    }

    fn next(&self) -> Embedded {
        self.0.embedded().next().unwrap().1
    }
}

impl World for BesideWorld {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.next())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.next())
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        self.0.restart()
    }
}

/// A file as an older version left it.
fn of_an_older_version(dir: &Path) {
    let topology = Topology { logic_version: 1, ..Topology::of_this_version(PARTITIONS) };
    write_topology(dir, &topology);
}

async fn rows(store: &dyn Store) -> usize {
    match store.load(ShardId::Gold(1), Part::Whole).await.unwrap().content {
        crate::store::Content::Gold { rows, .. } => rows.len(),
        _ => 0,
    }
}

fn days(count: u32) -> Vec<RowChange> {
    (0..count).map(day).collect()
}

/// How many keys of each generation the file has, but for the rows.
fn stored_keys(dir: &Path, generation: u32) -> usize {
    let database = redb::Database::open(dir.join(FILE_NAME)).unwrap();
    let read = redb::ReadableDatabase::begin_read(&database).unwrap();
    let chunks = read.open_table(file::CHUNKS).unwrap();
    let heads = read.open_table(file::HEADS).unwrap();
    let claims = read.open_table(file::CLAIMS).unwrap();
    let log = read.open_table(file::LOG).unwrap();
    let is_derived = |topic: u8| topic > 1;
    chunks.iter().unwrap().filter(|it| it.as_ref().unwrap().0.value().0 == generation).count()
        + heads.iter().unwrap().filter(|it| it.as_ref().unwrap().0.value().0 == generation).count()
        + claims.iter().unwrap().filter(|it| it.as_ref().unwrap().0.value().0 == generation).count()
        + log
            .iter()
            .unwrap()
            .map(|it| it.unwrap().0.value())
            .filter(|key| key.0 == generation && is_derived(key.1))
            .count()
}

#[tokio::test]
async fn a_generation_that_is_folded_beside_another_passes_the_suite() {
    check(BesideWorld::new).await;
}

#[tokio::test]
async fn beside_one_of_an_older_version_the_next_is_folded_from_the_same_rows() {
    let mut world = EmbeddedWorld::new();
    let old = world.embedded();
    old.append(vec![(BRONZE, block(7))]).await.unwrap();
    old.append(vec![(SILVER, block(5))]).await.unwrap();
    old.commit(silver(0, 7)).await.unwrap();
    old.commit(gold(0, 5, days(3))).await.unwrap();
    drop(old);
    world.open.take().unwrap().close().unwrap();
    of_an_older_version(world.dir.path());
    let opened = Embedded::open(world.dir.path(), None).unwrap();
    let (served, _) = opened.served();
    let (generation, next) = opened.next().expect("it is begun");
    assert_eq!((served.number, served.topology.logic_version), (0, 1));
    assert_eq!((generation.number, generation.topology.logic_version), (1, LOGIC_VERSION));
    // The served one stands as it was, the next one begins with nothing but the rows.
    assert_eq!((rows(&opened).await, opened.end(SILVER).await.unwrap()), (3, 5));
    assert_eq!((rows(&next).await, next.end(SILVER).await.unwrap()), (0, 0));
    assert_eq!((opened.end(BRONZE).await.unwrap(), next.end(BRONZE).await.unwrap()), (7, 7));
    let fetched = next.read(BRONZE, 0).await.unwrap().unwrap();
    assert_eq!(fetched.block.len(), 7);
}

#[tokio::test]
async fn the_switch_is_one_step_that_followers_hear_and_a_restart_keeps() {
    let mut world = EmbeddedWorld::new();
    let open = world.embedded();
    open.commit(gold(0, 5, days(3))).await.unwrap();
    open.append(vec![(BRONZE, block(7)), (SILVER, block(5))]).await.unwrap();
    open.begin_rebuild(Anew::served(0)).await.unwrap();
    let (_, before) = open.served();
    let (_, next) = open.next().unwrap();
    let mut follower = open.follow().await.unwrap();
    let mut of_next = next.follow().await.unwrap();
    next.commit(gold(0, 6, days(4))).await.unwrap();
    assert!(matches!(of_next.next().await, Ok(FeedEvent::Commit(commit)) if commit.to == 6));
    assert_eq!(rows(&open).await, 3, "nobody sees it yet");
    open.switch().await.unwrap();
    assert!(matches!(follower.next().await, Ok(FeedEvent::Replaced)));
    assert_eq!(rows(&open).await, 4);
    next.commit(gold(6, 7, days(9))).await.unwrap();
    assert!(matches!(follower.next().await, Ok(FeedEvent::Commit(commit)) if commit.to == 7));
    // Who folds the one before has nothing to write into any more.
    let refused = before.commit(gold(5, 6, days(1))).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    drop((open, before, next, follower, of_next));
    world.restart().await;
    assert_eq!(world.embedded().served().0.number, 1);
    assert!(world.embedded().next().is_none());
    assert_eq!(
        (rows(&world.embedded()).await, world.embedded().end(BRONZE).await.unwrap()),
        (9, 7)
    );
    world.open.take().unwrap().close().unwrap();
    assert_eq!(stored_keys(world.dir.path(), 0), 0, "what was before is gone from the file");
    assert!(stored_keys(world.dir.path(), 1) > 0);
}

#[tokio::test]
async fn one_that_is_begun_anew_or_abandoned_leaves_nothing_behind() {
    let BesideWorld(mut world) = BesideWorld::new().await;
    let open = world.embedded();
    let (first, next) = open.next().unwrap();
    next.commit(gold(0, 6, days(4))).await.unwrap();
    next.append(vec![(SILVER, block(5))]).await.unwrap();
    open.begin_rebuild(Anew { future_days: Some(9), ..Anew::served(0) }).await.unwrap();
    let (second, anew) = open.next().unwrap();
    assert_eq!((first.number, second.number, second.topology.future_days), (1, 2, 9));
    assert_eq!((rows(&anew).await, anew.end(SILVER).await.unwrap()), (0, 0));
    let days = open.served().0.topology.future_days;
    assert_eq!((anew.rules().future_days, open.rules().future_days), (9, days));
    open.abandon_rebuild().await.unwrap();
    assert!(open.next().is_none());
    assert_eq!((rows(&open).await, open.end(SILVER).await.unwrap()), (1, 5));
    drop((open, next, anew));
    world.open.take().unwrap().close().unwrap();
    assert_eq!(stored_keys(world.dir.path(), 1) + stored_keys(world.dir.path(), 2), 0);
}

#[tokio::test]
async fn what_a_crash_left_to_be_removed_is_removed_by_the_next_start() {
    let BesideWorld(mut world) = BesideWorld::new().await;
    world.open.take().unwrap().close().unwrap();
    let dir = world.dir.path();
    // As it stands between the switch and the removal of the one before.
    let (file, state) = opening::open((dir, file::Place::File), Wanted::default()).unwrap();
    let mut generations = state.generations.clone();
    generations.keep_old_ms = 0;
    generations.switch(0);
    let write = file.begin_write().unwrap();
    opening::store(&write, &generations).unwrap();
    write.commit().unwrap();
    drop(file);
    assert!(stored_keys(dir, 0) > 0);
    let opened = Embedded::open(dir, None).unwrap();
    assert_eq!((opened.served().0.number, rows(&opened).await), (1, 0));
    opened.close().unwrap();
    drop(opened);
    assert_eq!(stored_keys(dir, 0), 0);
}

#[tokio::test]
async fn a_store_of_a_later_version_is_refused_with_the_version_that_wrote_it() {
    let mut world = EmbeddedWorld::new();
    world.open.take().unwrap().close().unwrap();
    let later = Topology { logic_version: 999, ..Topology::of_this_version(PARTITIONS) };
    write_topology(world.dir.path(), &later);
    let error = Embedded::open(world.dir.path(), None).unwrap_err();
    let OpenError::Newer { logic_version: 999, written_by, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(written_by, env!("CARGO_PKG_VERSION"));
    let sentence = error.to_string();
    assert!(sentence.contains("logic version 999") && sentence.contains("later than this one"));
}

#[tokio::test]
async fn what_was_served_before_is_folded_on_and_served_again_and_then_removed() {
    let world = EmbeddedWorld::new();
    let open = world.embedded();
    open.commit(gold(0, 5, days(3))).await.unwrap();
    open.append(vec![(BRONZE, block(7)), (SILVER, block(5))]).await.unwrap();
    assert!(open.begin_back().await.unwrap_err().contains("no generation is kept"));
    open.begin_rebuild(Anew::served(60_000)).await.unwrap();
    open.next().unwrap().1.commit(gold(0, 6, days(4))).await.unwrap();
    open.switch().await.unwrap();
    assert_eq!((rows(&open).await, open.end(SILVER).await.unwrap()), (4, 0));
    assert_eq!(open.kept().unwrap().generation.number, 0);
    open.expire().await.unwrap();
    open.begin_back().await.unwrap();
    // It is as it was left, and goes on from there.
    let (generation, before) = open.next().unwrap();
    assert_eq!(
        (generation.number, rows(&before).await, before.end(SILVER).await.unwrap()),
        (0, 3, 5)
    );
    before.append(vec![(SILVER, block(2))]).await.unwrap();
    before.commit(gold(5, 7, days(9))).await.unwrap();
    open.switch().await.unwrap();
    assert_eq!((rows(&open).await, open.end(SILVER).await.unwrap()), (9, 7));
    assert_eq!(open.kept().unwrap().generation.number, 1);
    assert_eq!(open.end(BRONZE).await.unwrap(), 7);
}
