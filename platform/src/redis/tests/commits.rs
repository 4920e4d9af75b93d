//! What a commit writes, and who may make it.

use super::*;
use crate::store::{AcceptedPurchase, CommitError};
use goldstream_domain::moment::Moment;
use std::time::Duration;

#[tokio::test]
async fn a_large_commit_is_one_step() {
    let store = Place::fresh("large").store().await;
    let mut follower = store.follow().await.unwrap();
    let rows: Vec<_> = (0..20_000).map(|slot| customer(slot, 1)).collect();
    store.commit(gold(0, 20_000, rows.clone())).await.unwrap();
    store.commit(silver(0, 30_000)).await.unwrap();
    let (position, loaded) = gold_rows(&store).await;
    assert_eq!((position, loaded.len()), (20_000, 20_000));
    assert!(loaded.iter().zip(&rows).all(|(placed, change)| placed.row == change.row));
    assert_eq!(stored_claims(&store).await, (30_000, claims(0, 30_000)));
    assert_eq!(*next_commit(&mut follower).await, *gold(0, 20_000, rows));
    let deleted = (0..20_000).map(|slot| RowChange { fate: RowFate::Deleted, ..customer(slot, 0) });
    store.commit(gold(20_000, 20_001, deleted.collect())).await.unwrap();
    assert_eq!(gold_rows(&store).await, (20_001, Vec::new()));
}

#[tokio::test]
async fn followers_get_the_commit_as_it_was_made() {
    let store = Place::fresh("whole").store().await;
    let mut follower = store.follow().await.unwrap();
    let accepted = vec![AcceptedPurchase {
        purchase_id: "1\n2".into(),
        customer_id: "7".into(),
        purchased_at: Moment(1_709_301_802),
        amount_cents: i64::MAX,
        product: "é".into(),
        country: None,
        ingested_at_ms: 1_700_000_000_001,
    }];
    let rows = vec![country(3, None, RowFate::Deleted), customer(1, 2), day(9, 1)];
    let mut commit = Arc::unwrap_or_clone(gold(0, 5, rows));
    let Changes::Gold { accepted: listed, .. } = &mut commit.changes else { return };
    *listed = accepted;
    // The row that is deleted must stand first.
    let standing = vec![country(3, None, RowFate::Stands)];
    store.commit(gold(0, 1, standing)).await.unwrap();
    commit.from = 1;
    store.commit(Arc::new(commit.clone())).await.unwrap();
    next_commit(&mut follower).await;
    let mut seen = Arc::unwrap_or_clone(next_commit(&mut follower).await);
    for commit in [&mut seen, &mut commit] {
        let Changes::Gold { rows, .. } = &mut commit.changes else { return };
        rows.sort_by_key(|change| (change.row.table(), change.slot));
    }
    assert_eq!(seen, commit);
}

#[tokio::test]
async fn rows_are_readable_json_under_their_keys() {
    let place = Place::fresh("json");
    let rows = vec![customer(7, 3), country(0, None, RowFate::Stands), day(19_783, 1)];
    place.store().await.commit(gold(0, 4, rows)).await.unwrap();
    assert_eq!(
        place.text("HGET KEY:{gold/1}:customers 00007").await,
        r#"{"slot":7,"customer_id":"00007","profile":null,"country":"Étretat\n\"","orders":3,"revenue_cents":9007199254740993,"first_purchase":null,"last_purchase":null,"months":[]}"#
    );
    assert_eq!(
        place.text("HGET KEY:{gold/1}:countries ").await,
        r#"{"slot":0,"country":null,"buyers":1,"orders":2,"revenue_cents":3}"#
    );
    assert_eq!(
        place.text("HGET KEY:{gold/1}:days 2024-03-01").await,
        r#"{"slot":19783,"day":"2024-03-01","orders":1,"revenue_cents":5}"#
    );
    assert_eq!(place.text("HGET KEY:{gold/1}:head position").await, "4");
    assert_eq!(place.text("HGET KEY:{gold/1}:head customers").await, "1");
}

#[tokio::test]
async fn of_two_processes_exactly_one_makes_each_step() {
    let place = Place::fresh("race");
    let stores = [place.store().await, place.store().await];
    let (mut position, mut wins) = (0, [0, 0]);
    while position < 2_000 {
        let (short, long) = (silver(position, position + 7), silver(position, position + 13));
        let (first, second) = futures::join!(stores[0].commit(short), stores[1].commit(long));
        let refused = match (first, second) {
            (Ok(()), Err(error)) => {
                (position, wins[0]) = (position + 7, wins[0] + 1);
                error
            }
            (Err(error), Ok(())) => {
                (position, wins[1]) = (position + 13, wins[1] + 1);
                error
            }
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, CommitError::Refused { stored } if stored == position));
    }
    assert_eq!(stored_claims(&stores[1]).await, (position, claims(0, position)));
}

#[tokio::test]
async fn a_process_that_takes_over_and_hands_back_goes_on_where_the_other_was() {
    let place = Place::fresh("turns");
    let stores = [place.store().await, place.store().await];
    for turn in 0..40 {
        let commit = silver(turn * 100, (turn + 1) * 100);
        stores[turn as usize % 2].commit(commit).await.unwrap();
    }
    assert_eq!(stored_claims(&stores[0]).await, (4_000, claims(0, 4_000)));
}

#[test]
fn a_store_outlives_the_runtime_that_opened_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = std::thread::spawn(move || {
        runtime().block_on(async {
            let store = Place::fresh("runtimes").store().await;
            store.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
            load(&store, GOLD).await;
            store
        })
    })
    .join()
    .unwrap();
    runtime().block_on(async {
        let mut follower = store.follow().await.unwrap();
        store.commit(gold(1, 2, vec![day(1, 1)])).await.unwrap();
        assert_eq!(gold_rows(&store).await.1.len(), 2);
        assert_eq!(next_commit(&mut follower).await.to, 2);
    });
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_does_not_disturb_the_next() {
    let store = Place::fresh("dropped").store().await;
    for to in 1..=20 {
        let commit = silver(to - 1, to);
        // Dropped while it may be anywhere.
        drop(tokio::time::timeout(Duration::ZERO, store.commit(Arc::clone(&commit))).await);
        store.commit(commit).await.unwrap();
    }
    assert_eq!(stored_claims(&store).await, (20, claims(0, 20)));
}
