//! What a rebuild keeps others from while it is under way, and what it leaves.

use super::*;
use crate::redis::{Skip, Standing, Told};
use crate::store::CommitError;

async fn unavailable(store: &RedisStore) -> String {
    match store.load(GOLD, Part::Whole).await {
        Err(StoreError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn while_it_is_under_way_nothing_is_loaded_and_afterwards_nothing_goes_on_that_was_folded_before()
 {
    let place = Place::fresh("rebuild");
    let (store, client) = (place.store().await, place.client().await);
    let mut follower = store.follow().await.unwrap();
    assert!(!client.has_folded(PARTITIONS).await.unwrap());
    store.commit(gold(0, 5, vec![day(0, 1)])).await.unwrap();
    store.commit(silver(0, 30)).await.unwrap();
    assert!(client.has_folded(PARTITIONS).await.unwrap());
    let source = place.text("SET KEY:{source/file:/a}:head x").await;
    assert_eq!(source, "OK");

    let wanted = Topology::of_this_version(PARTITIONS);
    let rebuild = client.begin_rebuild(&wanted).await.unwrap();
    assert!(unavailable(&store).await.contains("goldstream rebuild"));
    assert!(matches!(client.standing().await.unwrap(), Standing::HalfRebuilt(_)));
    rebuild.forget().await.unwrap();
    drop(rebuild);
    // Another takes it over, and it alone goes on.
    let first = client.begin_rebuild(&wanted).await.unwrap();
    let second = place.client().await.begin_rebuild(&wanted).await.unwrap();
    assert!(first.was_begun_before() && second.was_begun_before());
    assert!(first.forget().await.is_err() && first.end().await.is_err());
    assert!(!unavailable(&store).await.is_empty());
    second.forget().await.unwrap();
    second.end().await.unwrap();

    // Who folded on from before is refused, and begins again from nothing.
    let late = store.commit(gold(5, 9, vec![day(0, 2)])).await;
    assert!(matches!(late, Err(CommitError::Refused { stored: 0 })), "{late:?}");
    assert_eq!(gold_rows(&store).await, (0, Vec::new()));
    assert_eq!(store.position(SILVER).await.unwrap(), 0);
    assert!(!client.has_folded(PARTITIONS).await.unwrap());
    assert_eq!(place.text("GET KEY:{source/file:/a}:head").await, "x", "sources are bronze's");
    loop {
        if let FeedEvent::Replaced = follower.next().await.unwrap() {
            break;
        }
    }
}

#[tokio::test]
async fn one_that_removed_nothing_takes_its_mark_back_and_the_store_is_the_same() {
    let place = Place::fresh("abandoned");
    let (store, client) = (place.store().await, place.client().await);
    store.commit(gold(0, 5, vec![day(0, 1)])).await.unwrap();
    let stored = place.text("GET KEY:topology").await;
    let wanted = Topology::of_this_version(PARTITIONS);
    client.begin_rebuild(&wanted).await.unwrap().abandon().await.unwrap();
    assert_eq!(place.text("GET KEY:topology").await, stored);
    assert_eq!(gold_rows(&store).await.0, 5);
    let other = Topology::of_this_version(PARTITIONS + 1);
    assert!(client.begin_rebuild(&other).await.unwrap_err().to_string().contains("partitions"));
    assert_eq!(place.text("GET KEY:topology").await, stored, "another store's is left alone");
}

#[tokio::test]
async fn skips_are_kept_with_their_reason_until_a_rebuild() {
    let place = Place::fresh("skips");
    place.store().await;
    let client = place.client().await;
    let told = |why: &str| Told {
        why: why.to_owned(),
        by: "ann@shop".to_owned(),
        at: "2026-11-29T10:00:00.000Z".to_owned(),
    };
    let skip = |partition, position| Skip { partition, position, told: told("by hand") };
    for (partition, position) in [(1, 7), (0, 3), (1, 9)] {
        client.skip(skip(partition, position)).await.unwrap();
    }
    let mut kept = client.skips(PARTITIONS).await.unwrap();
    kept.sort_by_key(|skip| (skip.partition, skip.position));
    assert_eq!(kept, [skip(0, 3), skip(1, 7), skip(1, 9)]);
    assert!(
        kept[0].to_string().contains("at 3 of silver/0")
            && kept[0].to_string().contains("ann@shop")
    );
    let rebuild = client.begin_rebuild(&Topology::of_this_version(PARTITIONS)).await.unwrap();
    rebuild.forget().await.unwrap();
    rebuild.end().await.unwrap();
    assert_eq!(client.skips(PARTITIONS).await.unwrap(), []);
}
