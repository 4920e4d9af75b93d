//! Books over a store of a test's own, by the functions that the server itself uses.

use super::*;
use goldstream_alerts::facts::{Event, Facts, Now, Waiting};
use goldstream_alerts::rules::Rules;
use goldstream_domain::moment::Moment;
use goldstream_platform::embedded::Embedded;
use tempfile::TempDir;

fn server_of(store: &Embedded) -> Alerting {
    Alerting::new(Surroundings {
        documents: Arc::new(store.clone()),
        settings: None,
        looking: Looking::Off,
        currency: Currency::default(),
        page: "http://127.0.0.1:8080".to_owned(),
        new_shop: || "7f3a".to_owned(),
    })
}

fn store() -> (TempDir, Embedded) {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), Some(1)).unwrap();
    (dir, store)
}

/// What every server sees: rows have waited for long.
async fn step(alerting: &Alerting) {
    let mut facts = Facts::default();
    facts.take(Event::Waiting(Waiting::For(400_000)));
    facts.take(Event::Clock(Now { local: Moment(1_796_000_000), utc_ms: 1_796_000_000_000 }));
    let (rules, receivers) = (Rules::default(), vec!["owner".to_owned()]);
    let step = goldstream_alerts::book::Step {
        rules: &rules,
        facts: &facts,
        version: "e/1",
        receivers: &receivers,
    };
    alerting.change(|book| book.step(step)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_that_see_the_same_keep_one_book_with_one_message() {
    let (_dir, store) = store();
    let servers: Vec<_> = (0..8).map(|_| server_of(&store)).collect();
    futures::future::join_all(servers.iter().map(step)).await;
    for server in &servers {
        server.refresh().await.unwrap();
        let book = server.book();
        assert_eq!((book.incidents.len(), book.outbox.messages().len()), (1, 1));
        assert_eq!(book, servers[0].book());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_claims_a_message() {
    let (_dir, store) = store();
    let servers: Vec<_> = (0..8).map(|number| (number.to_string(), server_of(&store))).collect();
    step(&servers[0].1).await;
    let claims = servers.iter().map(async |(name, server)| {
        let claim = |book: &mut Book| book.outbox.claim(name, "owner", i64::MAX / 2);
        server.change(claim).await.unwrap()
    });
    let claimed = futures::future::join_all(claims).await;
    assert_eq!(claimed.iter().flatten().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_of_a_later_version_is_left_alone_and_said_so() {
    let (_dir, store) = store();
    let text = "{\"incidents\":[{\"what\":1}]}".to_owned();
    Documents::replace(&store, PLACE.name, 0, text).await.unwrap();
    let error = server_of(&store).refresh().await.unwrap_err().to_string();
    assert!(error.contains("book of alerts"), "{error}");
}
