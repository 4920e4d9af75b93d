//! Documents, replaced by two processes.

use super::*;
use crate::conformance::check_documents;

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_seen_a_document_does_not_replace_it() {
    let place = Place::fresh("documents");
    check_documents(&place.store().await, &place.store().await).await;
}
