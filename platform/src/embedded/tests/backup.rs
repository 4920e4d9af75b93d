//! A copy of the file that is made while it is written.

use super::*;
use crate::embedded::{Backup, FILE_NAME};
use std::io::Read;

const BRONZE: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Purchases), 0);

#[tokio::test]
async fn a_copy_has_every_row_that_was_acknowledged_before_it() {
    let world = EmbeddedWorld::new();
    let store = world.embedded();
    store.append(vec![(BRONZE, block(7))]).await.unwrap();
    let mut bytes = Vec::new();
    store.copy().unwrap().read_to_end(&mut bytes).unwrap();
    store.append(vec![(BRONZE, block(5))]).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE_NAME), bytes).unwrap();
    let copy = Embedded::open(dir.path(), None).unwrap();
    assert_eq!((copy.end(BRONZE).await.unwrap(), store.end(BRONZE).await.unwrap()), (7, 12));
    assert_eq!(copy.served().0, store.served().0);
}

#[tokio::test]
async fn what_a_copy_that_was_cut_off_left_goes_with_the_next_start_and_nothing_else_does() {
    let mut world = EmbeddedWorld::new();
    let (left, other) =
        (world.dir.path().join("backup-abc.tmp"), world.dir.path().join("backup.csv"));
    for path in [&left, &other] {
        std::fs::write(path, "x").unwrap();
    }
    world.restart().await;
    assert!(!left.exists() && other.exists());
}
