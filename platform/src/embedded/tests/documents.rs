//! Documents beside the generations of one file.

use super::*;
use crate::conformance::check_documents;
use crate::documents::{Document, Documents, Replaced};
use crate::embedded::{Backup, FILE_NAME};
use std::io::Read;

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_seen_a_document_does_not_replace_it() {
    let world = EmbeddedWorld::new();
    check_documents(&world.embedded(), &world.embedded()).await;
}

#[tokio::test]
async fn a_document_survives_a_restart_and_is_in_a_copy() {
    let mut world = EmbeddedWorld::new();
    let text = "x".repeat(100_000);
    let done = world.embedded().replace("alerts", 0, text.clone()).await.unwrap();
    assert_eq!(done, Replaced::Done);
    world.restart().await;
    let kept = Some(Document { revision: 1, text });
    assert_eq!(Documents::read(&world.embedded(), "alerts").await.unwrap(), kept);
    let mut bytes = Vec::new();
    world.embedded().copy().unwrap().read_to_end(&mut bytes).unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE_NAME), bytes).unwrap();
    let copy = Embedded::open(dir.path(), None).unwrap();
    assert_eq!(Documents::read(&copy, "alerts").await.unwrap(), kept);
}
