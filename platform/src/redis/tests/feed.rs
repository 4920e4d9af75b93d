//! Following a store that is trimmed, emptied or goes back.

use super::*;

#[tokio::test]
async fn a_reader_that_was_away_too_long_learns_it_and_goes_on() {
    let place = Place::fresh("lagged");
    let store = place.store_with_feed_of(2_000).await;
    let mut follower = store.follow().await.unwrap();
    // More than the queue and one answer hold.
    for to in 1..=200 {
        store.commit(gold(to - 1, to, vec![day(to as u32, 1)])).await.unwrap();
    }
    let Value::Int(kept) = place.type_in("XLEN KEY:{gold/1}:feed").await else { panic!() };
    assert!((2..20).contains(&kept), "{kept} entries are kept");
    let (mut lags, mut cursor) = (0, 0);
    while cursor < 200 {
        match follower.next().await.unwrap() {
            FeedEvent::Lagged => lags += 1,
            FeedEvent::Commit(commit) => {
                assert!(commit.from == cursor || lags > 0);
                cursor = commit.to;
            }
            FeedEvent::Replaced => panic!("nothing was replaced"),
        }
    }
    assert!(lags > 0);
}

#[tokio::test]
async fn the_newest_entry_is_kept_however_large() {
    let place = Place::fresh("newest");
    let store = place.store_with_feed_of(1).await;
    for to in 1..=3 {
        store.commit(gold(to - 1, to, vec![day(0, to)])).await.unwrap();
        store.commit(silver(to - 1, to)).await.unwrap();
    }
    assert_eq!(place.type_in("XLEN KEY:{gold/1}:feed").await, Value::Int(1));
    assert_eq!(place.type_in("XLEN KEY:{silver.purchases/1}:feed").await, Value::Int(1));
}

#[tokio::test]
async fn a_committer_that_starts_keeps_what_it_finds_in_the_feed() {
    let place = Place::fresh("found");
    for to in 1..=20 {
        place.store().await.commit(gold(to - 1, to, vec![day(0, to)])).await.unwrap();
    }
    assert_eq!(place.type_in("XLEN KEY:{gold/1}:feed").await, Value::Int(20));
    let trimming = place.store_with_feed_of(3_000).await;
    trimming.commit(gold(20, 21, vec![day(0, 21)])).await.unwrap();
    let Value::Int(kept) = place.type_in("XLEN KEY:{gold/1}:feed").await else { panic!() };
    assert!((2..20).contains(&kept), "{kept} entries are kept");
}

#[tokio::test]
async fn an_emptied_store_is_replaced_once_and_later_commits_are_seen() {
    let place = Place::fresh("emptied");
    let store = place.store().await;
    let mut follower = store.follow().await.unwrap();
    for to in 1..=3 {
        store.commit(gold(to - 1, to, vec![day(0, to)])).await.unwrap();
        assert_eq!(next_commit(&mut follower).await.to, to);
    }
    let client = place.client().await;
    assert_eq!(client.wipe().await.unwrap(), 4);
    assert!(matches!(follower.next().await, Ok(FeedEvent::Replaced)));
    assert_eq!(client.stored_topology().await.unwrap(), None);
    // The consumers fold again from the beginning, which brings the topology back.
    assert_eq!(gold_rows(&store).await, (0, Vec::new()));
    assert_eq!(client.stored_topology().await.unwrap(), Some(store.topology().clone()));
    // Past the old cursor, so that a reader which kept it begins with the wrong one.
    for to in 1..=5 {
        store.commit(gold(to - 1, to, vec![day(0, to)])).await.unwrap();
    }
    for to in 1..=5 {
        assert_eq!(next_commit(&mut follower).await.to, to);
    }
}

#[tokio::test]
async fn a_store_folded_again_before_anybody_looked_is_replaced_too() {
    let place = Place::fresh("refolded");
    let store = place.store().await;
    store.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
    let mut follower = store.follow().await.unwrap();
    place.client().await.wipe().await.unwrap();
    load(&store, GOLD).await;
    store.commit(gold(0, 7, vec![day(0, 7)])).await.unwrap();
    assert!(matches!(follower.next().await, Ok(FeedEvent::Replaced)));
    assert_eq!(gold_rows(&store).await.0, 7);
    store.commit(gold(7, 8, vec![day(0, 8)])).await.unwrap();
    let next = next_commit(&mut follower).await;
    assert!(next.to == 7 || next.to == 8, "commits after the event are seen");
}

#[tokio::test]
async fn a_reader_ahead_of_a_store_that_went_back_waits_and_goes_on() {
    let place = Place::fresh("back");
    let store = place.store().await;
    let mut follower = store.follow().await.unwrap();
    store.commit(gold(0, 10, vec![day(0, 10)])).await.unwrap();
    assert_eq!(next_commit(&mut follower).await.to, 10);
    // Back to the beginning, with the same topology: as if the last writes had been lost.
    place.type_in("DEL KEY:{gold/1}:head KEY:{gold/1}:feed KEY:{gold/1}:days").await;
    for (from, to) in [(0, 3), (3, 5), (5, 12)] {
        store.commit(gold(from, to, vec![day(0, to)])).await.unwrap();
    }
    let next = next_commit(&mut follower).await;
    assert_eq!((next.from, next.to), (5, 12));
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    let store = Place::fresh("waits").store().await;
    let mut follower = store.follow().await.unwrap();
    for to in 1..=100 {
        let commit = store.commit(silver(to - 1, to));
        // Whichever is first, the other is dropped.
        let early = tokio::select! {
            biased;
            made = commit => { made.unwrap(); None }
            event = follower.next() => Some(event.unwrap()),
        };
        let event = match early {
            Some(event) => event,
            None => follower.next().await.unwrap(),
        };
        assert!(matches!(event, FeedEvent::Commit(commit) if commit.to == to));
    }
}
