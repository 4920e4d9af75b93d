//! A consumer that died on this host, whose session would last for minutes. The broker is real.

use super::orphans::{dying_with, hear, serve_until};
use super::*;
use crate::limits::DEPARTED_FOR;
use rdkafka::consumer::Consumer;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn the_partitions_of_one_that_died_here_are_shared_out_before_its_session_ends() {
    let prefix = servers::fresh_prefix("departed");
    let dir = tempfile::tempdir().unwrap();
    let instances = Instances::Lowest { host: "h".to_owned(), dir: dir.path().to_owned() };
    let lives = instances.take(&prefix, "silver").unwrap();
    let log = open(&prefix, instances.clone()).await;
    let session = [("session.timeout.ms", "300000"), ("max.poll.interval.ms", "600000")];
    let died = dying_with(&log, &prefix, lives.name(), &session);
    serve_until(&died, || died.assignment().unwrap().count() == 2);
    let mut other = log.join(&[BRONZE]);
    let mut held = BTreeSet::new();
    serve_until(&died, || died.context().0.load(Ordering::Relaxed));
    // As long as it lives, its share is its own: what it is asked to give up it does not hand back here.
    let early = tokio::time::timeout(2 * DEPARTED_FOR, other.next()).await;
    assert!(early.is_err(), "the share of one that lives was given away: {early:?}");
    drop(lives);
    let all = async {
        while held.len() < 2 {
            let event = other.next().await;
            hear(&mut *other, &mut held, event);
        }
    };
    let came = tokio::time::timeout(LIMIT, all).await;
    assert!(came.is_ok(), "partitions of the dead are nobody's: {held:?}");
    // Who hands nothing back cannot be closed.
    std::mem::forget(died);
}
