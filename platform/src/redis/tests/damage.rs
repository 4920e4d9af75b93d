//! Stores that lost a part: never a wrong number, always a sentence.

use super::*;
use crate::store::CommitError;

#[tokio::test]
async fn a_script_that_fails_leaves_everything_as_it_was() {
    let place = Place::fresh("wrongtype");
    let store = place.store().await;
    store.commit(gold(0, 1, vec![customer(0, 1)])).await.unwrap();
    place.type_in("SET KEY:{gold/1}:days x").await;
    let commit = gold(1, 2, vec![customer(0, 2), day(0, 1)]);
    let sentence = damage(store.commit(Arc::clone(&commit)).await);
    assert!(sentence.contains("WRONGTYPE"), "{sentence}");
    assert_eq!(place.text("HGET KEY:{gold/1}:head position").await, "1");
    assert_eq!(place.type_in("XLEN KEY:{gold/1}:feed").await, Value::Int(1));
    place.type_in("DEL KEY:{gold/1}:days").await;
    store.commit(commit).await.unwrap();
    let (position, rows) = gold_rows(&store).await;
    assert_eq!((position, rows.len()), (2, 2));
}

#[tokio::test]
async fn a_feed_that_is_ahead_of_its_position_is_damage_and_nothing_is_written() {
    let place = Place::fresh("ahead");
    let store = place.store().await;
    store.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
    place.type_in("XADD KEY:{gold/1}:feed 9-0 from 1").await;
    let sentence = damage(store.commit(gold(1, 2, vec![day(1, 1)])).await);
    assert!(sentence.contains(":feed goes beyond position 1"), "{sentence}");
    // Also where the next id would be free: the rows of a commit that is not there whole are wrong.
    damage(store.commit(gold(1, 20, vec![day(1, 1)])).await);
    let loaded = store.load(GOLD, Part::Whole).await;
    assert!(matches!(loaded, Err(StoreError::Torn(_))), "{loaded:?}");
    assert_eq!(place.text("HGET KEY:{gold/1}:head position").await, "1");
}

#[tokio::test]
async fn a_damaged_shard_can_be_discarded_and_begins_again() {
    let place = Place::fresh("discard");
    let store = place.store().await;
    store.commit(gold(0, 5, vec![customer(0, 1), day(0, 1)])).await.unwrap();
    store.commit(silver(0, 3)).await.unwrap();
    place.type_in("XADD KEY:{gold/1}:feed 9-0 from 5").await;
    store.discard(GOLD).await.unwrap();
    assert_eq!(load(&store, GOLD).await, Image { position: 0, content: Content::Empty });
    store.commit(gold(0, 2, vec![day(0, 1)])).await.unwrap();
    assert_eq!(gold_rows(&store).await.1.len(), 1);
    assert_eq!(stored_claims(&store).await.0, 3, "other shards stay");
}

#[tokio::test]
async fn a_dedupe_set_that_lost_claims_is_refused() {
    let place = Place::fresh("lost-claims");
    let store = place.store().await;
    store.commit(silver(0, 3_000)).await.unwrap();
    place.type_in("HDEL KEY:{silver.purchases/1}:claims 1").await;
    let sentence = damage(store.load(SILVER, Part::Whole).await);
    assert!(sentence.contains("lost claims of block 1"), "{sentence}");
    // Readers of the feed need no claims.
    store.load(SILVER, Part::WithoutClaims).await.unwrap();
    damage(store.commit(silver(3_000, 3_001)).await);
    damage(place.store().await.commit(silver(3_000, 3_001)).await);
}

#[tokio::test]
async fn a_cut_block_of_claims_is_refused() {
    let place = Place::fresh("cut-claims");
    place.store().await.commit(silver(0, 10)).await.unwrap();
    place.type_in("HSET KEY:{silver.purchases/1}:claims 0 short").await;
    damage(place.store().await.load(SILVER, Part::Whole).await);
    damage(place.store().await.commit(silver(10, 11)).await);
}

#[tokio::test]
async fn a_table_that_lost_rows_is_refused_and_the_next_commit_does_not_hide_it() {
    let place = Place::fresh("lost-rows");
    let store = place.store().await;
    store.commit(gold(0, 1, vec![day(0, 1), day(1, 1)])).await.unwrap();
    place.type_in("HDEL KEY:{gold/1}:days 1970-01-01").await;
    let sentence = damage(store.commit(gold(1, 2, vec![day(2, 1)])).await);
    assert!(sentence.contains("has 1 fields where 2 were written"), "{sentence}");
    let sentence = damage(store.load(GOLD, Part::Whole).await);
    assert!(sentence.contains("has 1 rows, but 2 were written"), "{sentence}");
}

#[tokio::test]
async fn a_lost_head_is_not_an_empty_shard() {
    let place = Place::fresh("lost-head");
    let store = place.store().await;
    store.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
    place.type_in("DEL KEY:{gold/1}:head").await;
    let sentence = damage(store.load(GOLD, Part::Whole).await);
    assert!(sentence.contains("{gold/1}:head is gone"), "{sentence}");
    damage(store.commit(gold(0, 1, vec![day(0, 1)])).await);
    let refused = store.commit(gold(1, 2, vec![day(0, 1)])).await;
    assert!(matches!(refused, Err(CommitError::Refused { stored: 0 })), "{refused:?}");
}

#[tokio::test]
async fn rows_and_heads_that_are_no_json_are_damage() {
    let place = Place::fresh("no-json");
    let store = place.store().await;
    store.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
    place.type_in("HSET KEY:{gold/1}:days 1970-01-01 {}").await;
    let sentence = damage(store.load(GOLD, Part::Whole).await);
    assert!(sentence.contains(":days cannot be read"), "{sentence}");
    store.commit(silver(0, 1)).await.unwrap();
    place.type_in("HSET KEY:{silver.purchases/1}:head head {").await;
    damage(store.load(SILVER, Part::Whole).await);
}
