//! Servers that die, lose their last writes, are full or are emptied.

use super::own_server::OwnServer;
use super::*;
use crate::store::CommitError;

const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

/// What a shard must hold at a position: three days that name it.
fn days_at(position: u64) -> Vec<RowChange> {
    (0..3).map(|slot| day(slot, position)).collect()
}

fn is_away<T: std::fmt::Debug>(result: &Result<T, impl Into<CommitError> + Clone>) -> bool {
    let error = result.as_ref().unwrap_err().clone().into();
    matches!(error, CommitError::Store(StoreError::Unavailable(_)))
}

#[tokio::test]
async fn after_losing_its_last_writes_a_store_is_that_of_an_earlier_position() {
    let mut server = OwnServer::start(&DURABLE);
    let place = server.place();
    let store = place.store().await;
    let mut position = 0;
    for cut_bytes in [0, 1, 7, 300, 2_000] {
        for _ in 0..20 {
            store.commit(gold(position, position + 1, days_at(position + 1))).await.unwrap();
            position += 1;
        }
        let mut follower = store.follow().await.unwrap();
        server.kill();
        cut(&server, cut_bytes);
        server.restart();
        assert!(is_away(&follower.next().await.map(|_| ())), "its connection is gone");
        let (stored, rows) = gold_rows(&store).await;
        assert!(stored <= position && (cut_bytes > 0 || stored == position));
        let expected = days_at(stored).into_iter();
        assert!(rows.into_iter().map(|it| it.row).eq(expected.map(|it| it.row)));
        let last = place.type_in("XREVRANGE KEY:{gold/1}:feed + - COUNT 1").await;
        let [last] = crate::redis::reply::array(last).unwrap();
        assert_eq!(crate::redis::entry::read(&GOLD, last).unwrap().to, stored);
        let mut follower = store.follow().await.unwrap();
        if stored < position {
            let ahead = store.commit(gold(position, position + 1, days_at(position + 1))).await;
            assert!(matches!(ahead, Err(CommitError::Refused { stored: at }) if at == stored));
        }
        store.commit(gold(stored, stored + 1, days_at(stored + 1))).await.unwrap();
        assert_eq!(next_commit(&mut follower).await.to, stored + 1);
        position = stored + 1;
    }
}

fn cut(server: &OwnServer, bytes: u64) {
    let path = server.append_only_file();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for_by_whoever_asks_again() {
    let mut server = OwnServer::start(&DURABLE);
    let store = server.place().store().await;
    let commit = silver(0, 5);
    store.commit(Arc::clone(&commit)).await.unwrap();
    server.kill();
    assert!(is_away(&store.commit(silver(5, 9)).await));
    assert!(is_away(&store.load(SILVER, Part::Whole).await));
    assert!(is_away(&store.follow().await.map(|_| ())));
    server.restart();
    store.commit(commit).await.unwrap();
    store.commit(silver(5, 9)).await.unwrap();
    assert_eq!(stored_claims(&store).await, (9, claims(0, 9)));
}

#[tokio::test]
async fn a_connection_lost_between_requests_is_not_noticed() {
    let mut server = OwnServer::start(&DURABLE);
    let store = server.place().store().await;
    store.commit(silver(0, 5)).await.unwrap();
    load(&store, SILVER).await;
    server.restart();
    store.commit(silver(5, 9)).await.unwrap();
    assert_eq!(stored_claims(&store).await, (9, claims(0, 9)));
}

#[tokio::test]
async fn a_full_server_refuses_a_commit_before_it_begins() {
    let server = OwnServer::start(&[]);
    let place = server.place();
    let store = place.store().await;
    store.commit(gold(0, 1, days_at(1))).await.unwrap();
    place.type_in("CONFIG SET maxmemory 1").await;
    let refused = store.commit(gold(1, 2, days_at(2))).await;
    assert!(is_away(&refused), "{refused:?}");
    assert_eq!(gold_rows(&store).await.0, 1);
    assert_eq!(place.type_in("XLEN KEY:{gold/1}:feed").await, Value::Int(1));
    place.type_in("CONFIG SET maxmemory 0").await;
    store.commit(gold(1, 2, days_at(2))).await.unwrap();
    assert_eq!(gold_rows(&store).await.0, 2);
}

#[tokio::test]
async fn a_flushed_server_is_folded_again_from_the_beginning() {
    let server = OwnServer::start(&[]);
    let place = server.place();
    let store = place.store().await;
    let mut follower = store.follow().await.unwrap();
    store.commit(gold(0, 1, days_at(1))).await.unwrap();
    assert_eq!(next_commit(&mut follower).await.to, 1);
    place.type_in("FLUSHALL").await;
    let refused = store.commit(gold(1, 2, days_at(2))).await;
    assert!(matches!(refused, Err(CommitError::Refused { stored: 0 })));
    assert!(matches!(follower.next().await, Ok(FeedEvent::Replaced)));
    assert_eq!(gold_rows(&store).await, (0, Vec::new()));
    store.commit(gold(0, 2, days_at(2))).await.unwrap();
    assert_eq!(next_commit(&mut follower).await.to, 2);
}

#[tokio::test]
async fn a_script_that_the_server_forgot_is_loaded_again() {
    let server = OwnServer::start(&[]);
    let place = server.place();
    let store = place.store().await;
    for to in 1..=3 {
        store.commit(gold(to - 1, to, days_at(to))).await.unwrap();
        place.type_in("SCRIPT FLUSH").await;
    }
    assert_eq!(gold_rows(&store).await.0, 3);
}
