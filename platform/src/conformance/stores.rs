//! The store's part of the suite.

use super::world::World;
use crate::store::{
    Changes, Commit, CommitError, Content, FeedEvent, Image, Part, ShardId, SourceCheckpoint, Store,
};
use goldstream_domain::column::Kind;
use goldstream_domain::dedupe::Claim;
use goldstream_domain::gold::rows::{
    CountryRow, DayRow, HourRow, PlacedRow, Row, RowChange, RowFate, Table,
};
use goldstream_domain::moment::{Day, Hour};
use goldstream_domain::progress::{BronzePartition, GoldHead, LastApplied, SilverHead};
use std::sync::Arc;

const BRONZE: BronzePartition = BronzePartition { kind: Kind::Purchases, partition: 1 };

pub(crate) fn country(slot: u32, name: &str, orders: u64) -> RowChange {
    let row = CountryRow { country: Some(name.into()), buyers: 1, orders, revenue_cents: 5 };
    let fate = if orders > 0 { RowFate::Stands } else { RowFate::Deleted };
    RowChange { slot, row: Row::Country(row), fate }
}

pub(crate) fn day(slot: u32) -> RowChange {
    let row = Row::Day(DayRow { day: Day(slot), orders: 1, revenue_cents: 9_007_199_254_740_993 });
    RowChange { slot, row, fate: RowFate::Stands }
}

fn hour(slot: u32) -> RowChange {
    let row = Row::Hour(HourRow { hour: Hour(slot * 5), orders: 2, revenue_cents: 7 });
    RowChange { slot, row, fate: RowFate::Stands }
}

pub(crate) fn gold(from: u64, to: u64, rows: Vec<RowChange>) -> Arc<Commit> {
    let mut head = GoldHead {
        last_applied: Some(LastApplied { position: to - 1, checksum: u64::MAX - to }),
        ..GoldHead::default()
    };
    head.counts.accepted_purchases = to;
    head.chain.admit(&"bronze.purchases/1".into(), to, 0).expect("the first of its source");
    let changes = Changes::Gold { head, rows, accepted: Vec::new() };
    Arc::new(Commit {
        shard: ShardId::Gold(1),
        from,
        to,
        ingested_at_ms: Some(1),
        traces: Vec::new(),
        changes,
    })
}

pub(crate) fn silver(from: u64, to: u64) -> Arc<Commit> {
    let claim = |n: u64| Claim { id: u128::from(n) << 70 | 5, content: !n, offset: n };
    let head = SilverHead { duplicate_purchases: to, tails: vec![to, 0], ..SilverHead::default() };
    let changes = Changes::Silver { head, claims: (from..to).map(claim).collect() };
    let shard = ShardId::Silver(BRONZE);
    Arc::new(Commit { shard, from, to, ingested_at_ms: None, traces: Vec::new(), changes })
}

async fn load(store: &dyn Store, shard: ShardId) -> Image {
    store.load(shard, Part::Whole).await.expect("the store can be read")
}

/// The rows of gold shard 1 by table and slot.
async fn gold_rows(store: &dyn Store) -> (u64, Vec<(Table, u32, Row)>) {
    let image = load(store, ShardId::Gold(1)).await;
    let Content::Gold { rows, .. } = image.content else { return (image.position, Vec::new()) };
    let mut rows: Vec<_> =
        rows.into_iter().map(|PlacedRow { slot, row }| (row.table(), slot, row)).collect();
    rows.sort_by_key(|(table, slot, _)| (*table, *slot));
    (image.position, rows)
}

pub(super) async fn what_is_committed_is_loaded(world: &mut impl World) {
    let store = world.store();
    let empty = load(&*store, ShardId::Gold(1)).await;
    assert_eq!(empty, Image { position: 0, content: Content::Empty });
    let commit = gold(0, 3, vec![country(0, "France", 2), day(0), day(100), hour(70)]);
    store.commit(Arc::clone(&commit)).await.expect("commit");
    let (position, rows) = gold_rows(&*store).await;
    assert_eq!((position, rows.len()), (3, 4));
    assert_eq!(store.position(ShardId::Gold(1)).await.expect("position"), 3);
    assert_eq!(store.position(ShardId::Gold(0)).await.expect("position"), 0);
    assert!(matches!(&rows[1], (Table::Days, 100, Row::Day(row)) if row.day == Day(100)));
    assert!(matches!(&rows[3], (Table::Hours, 70, Row::Hour(row)) if row.hour == Hour(350)));
    let Content::Gold { head, .. } = load(&*store, ShardId::Gold(1)).await.content else {
        panic!("a gold shard holds gold")
    };
    let Changes::Gold { head: committed, .. } = &commit.changes else { return };
    assert_eq!(head, *committed);
}

pub(super) async fn a_commit_from_another_position_is_refused(world: &mut impl World) {
    let store = world.store();
    store.commit(gold(0, 3, vec![day(0)])).await.expect("commit");
    for wrong in [gold(0, 5, vec![day(1)]), gold(4, 6, vec![day(1)]), gold(2, 4, vec![day(1)])] {
        let refused = store.commit(wrong).await;
        assert!(matches!(refused, Err(CommitError::Refused { stored: 3 })), "{refused:?}");
    }
    assert_eq!(gold_rows(&*store).await.1.len(), 1);
}

pub(super) async fn a_retried_commit_changes_nothing(world: &mut impl World) {
    let store = world.store();
    let mut follower = store.follow().await.expect("the feed can be followed");
    for commit in [gold(0, 3, vec![day(0)]), silver(0, 2)] {
        store.commit(Arc::clone(&commit)).await.expect("commit");
        store.commit(commit).await.expect("a retry that finds its position stored is done");
    }
    let Content::Silver { claims, .. } = load(&*store, ShardId::Silver(BRONZE)).await.content
    else {
        panic!("a silver shard holds silver")
    };
    assert_eq!(claims.len(), 2);
    store.commit(gold(3, 4, vec![day(1)])).await.expect("commit");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let Ok(FeedEvent::Commit(commit)) = follower.next().await else { panic!("a commit") };
        seen.push(commit.to);
    }
    assert_eq!(seen, [3, 2, 4]);
}

pub(super) async fn deleted_rows_are_gone_and_claims_grow(world: &mut impl World) {
    let store = world.store();
    store
        .commit(gold(0, 1, vec![country(0, "France", 1), country(1, "Italie", 1)]))
        .await
        .expect("commit");
    store.commit(gold(1, 2, vec![country(0, "France", 0)])).await.expect("commit");
    for (from, to) in [(0, 1000), (1000, 1024), (1024, 3000)] {
        store.commit(silver(from, to)).await.expect("commit");
    }
    drop(store);
    for _ in 0..2 {
        let store = world.store();
        let (_, rows) = gold_rows(&*store).await;
        assert!(matches!(rows.as_slice(), [(Table::Countries, 1, _)]), "{rows:?}");
        let image = load(&*store, ShardId::Silver(BRONZE)).await;
        let Content::Silver { claims, .. } = image.content else { panic!("silver") };
        assert!(claims.iter().map(|claim| claim.offset).eq(0..3000));
        assert!(claims.iter().all(|claim| claim.content == !claim.offset));
        drop(store);
        world.restart().await;
    }
}

pub(super) async fn state_survives_a_restart_with_its_position(world: &mut impl World) {
    world
        .store()
        .commit(gold(0, 3, vec![day(0), day(70), hour(0), hour(70), country(0, "Étretat\n\"", 1)]))
        .await
        .expect("commit");
    world.store().commit(silver(0, 7)).await.expect("commit");
    let before = gold_rows(&*world.store()).await;
    world.restart().await;
    let store = world.store();
    assert_eq!(gold_rows(&*store).await, before);
    assert_eq!(load(&*store, ShardId::Silver(BRONZE)).await.position, 7);
    let without = store.load(ShardId::Silver(BRONZE), Part::WithoutClaims).await.expect("load");
    assert!(matches!(without.content, Content::Silver { claims, .. } if claims.is_empty()));
    store.commit(silver(7, 8)).await.expect("commit");
    let refused = store.commit(silver(7, 9)).await;
    assert!(matches!(refused, Err(CommitError::Refused { stored: 8 })));
}

pub(super) async fn followers_see_every_commit_in_order(world: &mut impl World) {
    let store = world.store();
    let mut follower = store.follow().await.expect("the feed can be followed");
    for to in 1..=50 {
        store.commit(gold(to - 1, to, vec![day(to as u32)])).await.expect("commit");
    }
    for expected in 1..=50 {
        let Ok(FeedEvent::Commit(commit)) = follower.next().await else { panic!("a commit") };
        assert_eq!(
            (commit.from, commit.to, &commit.shard),
            (expected - 1, expected, &ShardId::Gold(1))
        );
    }
    let waiting = follower.next();
    let (event, committed) = futures::join!(waiting, store.commit(silver(0, 1)));
    committed.expect("commit");
    assert!(
        matches!(event, Ok(FeedEvent::Commit(commit)) if commit.shard == ShardId::Silver(BRONZE))
    );
}

pub(super) async fn checkpoints_of_sources_are_kept(world: &mut impl World) {
    let shard = ShardId::Source("file:/a b/é.csv".into());
    let checkpoint =
        SourceCheckpoint { rows: 12, tails: vec![3, 12], ..SourceCheckpoint::default() };
    let commit = Commit {
        shard: shard.clone(),
        from: 0,
        to: 1,
        ingested_at_ms: None,
        traces: Vec::new(),
        changes: Changes::Source(checkpoint.clone()),
    };
    world.store().commit(Arc::new(commit)).await.expect("commit");
    world.restart().await;
    let image = load(&*world.store(), shard).await;
    assert_eq!(image, Image { position: 1, content: Content::Source(checkpoint) });
    world.store().commit(silver(0, 7)).await.expect("commit");
    let sources = world.store().sources().await.expect("sources");
    assert_eq!(sources, [goldstream_domain::chain::SourceId::from("file:/a b/é.csv")]);
}
