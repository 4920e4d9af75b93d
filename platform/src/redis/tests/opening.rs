//! Opening and looking at a store.

use super::own_server::OwnServer;
use super::*;
use crate::redis::{OpenError, Severity};

const PASSWORD: &str = "tr0ub4dor";

#[tokio::test]
async fn another_partition_count_is_refused_with_a_way_out() {
    let place = Place::fresh("topology");
    let client = place.client().await;
    assert_eq!(client.stored_topology().await.unwrap(), None);
    client.with_topology(Topology::of_this_version(4)).await.unwrap();
    assert_eq!(client.stored_topology().await.unwrap().unwrap().partitions, 4);
    let refused = client.with_topology(Topology::of_this_version(5)).await.unwrap_err();
    let sentence = refused.to_string();
    assert!(matches!(refused, OpenError::OtherTopology(_)));
    assert!(sentence.contains("made with partitions: 4"), "{sentence}");
    assert!(sentence.contains("under a new --prefix"), "{sentence}");
}

#[tokio::test]
async fn a_store_of_another_hash_or_logic_version_is_refused_with_a_way_out() {
    let place = Place::fresh("logic");
    let ours = Topology::of_this_version(PARTITIONS);
    let others = [
        (Topology { hash: "crc32".to_owned(), ..ours.clone() }, "hash: crc32"),
        (Topology { logic_version: 999, ..ours.clone() }, "logic version: 999"),
    ];
    for (other, named) in others {
        place.client().await.wipe().await.unwrap();
        place.client().await.with_topology(other).await.unwrap();
        let refused = place.client().await.with_topology(ours.clone()).await.unwrap_err();
        let sentence = refused.to_string();
        assert!(matches!(refused, OpenError::OtherTopology(_)), "{sentence}");
        assert!(sentence.contains(named), "{sentence}");
        assert!(sentence.contains("under a new --prefix"), "{sentence}");
    }
}

#[tokio::test]
async fn keys_of_another_program_under_the_prefix_are_refused_and_stay() {
    let place = Place::fresh("other");
    let topology = crate::redis::keys::Keys::new(&place.prefix).topology();
    place.type_in(&format!("SET {topology} another-pipeline")).await;
    let refused = place.client().await.with_topology(Topology::of_this_version(PARTITIONS)).await;
    let sentence = refused.unwrap_err().to_string();
    assert!(sentence.contains("is not a topology"), "{sentence}");
    assert_eq!(place.text(&format!("GET {topology}")).await, "another-pipeline");
}

#[tokio::test]
async fn a_store_that_became_another_one_is_refused_when_it_is_loaded() {
    let place = Place::fresh("became");
    let store = place.store().await;
    place.client().await.wipe().await.unwrap();
    let other = Topology::of_this_version(PARTITIONS + 1);
    place.client().await.with_topology(other).await.unwrap();
    let sentence = damage(store.load(GOLD, Part::Whole).await);
    assert!(sentence.contains("give the stored settings"), "{sentence}");
}

#[tokio::test]
async fn a_wipe_takes_the_keys_of_its_prefix_and_no_others() {
    let (place, other) = (Place::fresh("wiped*[ab]?"), Place::fresh("wiped"));
    let client = place.client().await;
    for place in [&place, &other] {
        let store = place.store().await;
        store.commit(gold(0, 1, vec![day(0, 1), customer(1, 1)])).await.unwrap();
        store.commit(silver(0, 1)).await.unwrap();
    }
    let longer = Place { url: place.url.clone(), prefix: format!("{}:0", place.prefix) };
    longer.store().await.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
    // The topology, head, feed and two tables, head, feed and claims.
    assert_eq!(client.count_keys().await.unwrap(), 8);
    assert_eq!(client.wipe().await.unwrap(), 8);
    assert_eq!(client.count_keys().await.unwrap(), 0);
    assert_eq!(other.client().await.count_keys().await.unwrap(), 8);
    assert_eq!(longer.client().await.count_keys().await.unwrap(), 4);
}

#[tokio::test]
async fn a_server_that_evicts_is_a_finding_with_what_mends_it() {
    let arguments = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
    let server = OwnServer::start(&arguments);
    let client = server.place().client().await;
    client.ping().await.unwrap();
    assert_eq!(client.version().unwrap().split('.').count(), 3);
    let findings = client.findings().await.unwrap();
    assert_eq!(findings[0].severity, Severity::Warning);
    assert!(findings[0].sentence.contains("CONFIG SET maxmemory-policy noeviction"));
    assert!(findings[1].sentence.contains("appendonly yes"));
}

#[tokio::test]
async fn a_password_is_used_and_never_shown() {
    let server = OwnServer::start(&["--requirepass", PASSWORD]);
    let mut place = server.place();
    place.url = format!("redis://:{PASSWORD}@127.0.0.1:{}", server.port());
    let client = place.client().await;
    let store = place.store().await;
    assert!(!format!("{client:?} {store:?}").contains(PASSWORD));
    for url in [
        format!("redis://:{PASSWORD}no@127.0.0.1:{}", server.port()),
        format!("redis://:{PASSWORD}@127.0.0.1:1"),
        format!("redis://:{PASSWORD}@127.0.0.1:port"),
        format!("rediss://:{PASSWORD}@127.0.0.1:1"),
        format!("{PASSWORD}://x"),
    ] {
        let error = RedisClient::connect(&url.as_str().into(), "p").await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(PASSWORD), "{shown}");
    }
}

#[tokio::test]
async fn who_may_only_read_can_load_and_follow() {
    let server = OwnServer::start(&[]);
    let place = server.place();
    let store = place.store().await;
    store.commit(gold(0, 1, vec![day(0, 1)])).await.unwrap();
    place.type_in("ACL SETUSER reader on >word ~* resetchannels +@read +ping").await;
    let url = format!("redis://reader:word@127.0.0.1:{}", server.port());
    let reading = Place { url, prefix: place.prefix.clone() };
    let reader = reading.store().await;
    let mut follower = reader.follow().await.unwrap();
    assert_eq!(gold_rows(&reader).await.0, 1);
    assert!(reader.commit(gold(1, 2, vec![day(0, 2)])).await.is_err());
    store.commit(gold(1, 2, vec![day(0, 2)])).await.unwrap();
    assert_eq!(next_commit(&mut follower).await.to, 2);
    let findings = reading.client().await.findings().await.unwrap();
    assert!(findings[0].sentence.contains("does not tell its settings"));
}
