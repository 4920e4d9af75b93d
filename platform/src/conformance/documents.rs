//! What documents must do, through two handles of one store.

use crate::documents::{Document, Documents, Replaced};

/// Puts documents of an empty store to the test.
///
/// # Panics
/// Where they do not do what the port promises.
pub async fn check_documents(one: &dyn Documents, other: &dyn Documents) {
    let replace = async |by: &dyn Documents, revision, text: &str| {
        by.replace("test", revision, text.to_owned()).await.expect("the store can be written")
    };
    let read = async |by: &dyn Documents| by.read("test").await.expect("the store can be read");
    assert_eq!(read(one).await, None);
    assert_eq!(replace(one, 0, "é1").await, Replaced::Done);
    let first = Document { revision: 1, text: "é1".to_owned() };
    assert_eq!(read(other).await, Some(first));
    // Who has not seen it replaces nothing.
    assert_eq!(replace(other, 0, "lost").await, Replaced::Refused);
    assert_eq!(replace(other, 2, "lost").await, Replaced::Refused);
    assert_eq!(replace(other, 1, "2").await, Replaced::Done);
    assert_eq!(replace(one, 1, "lost").await, Replaced::Refused);
    assert_eq!(read(one).await, Some(Document { revision: 2, text: "2".to_owned() }));
    assert_eq!(one.read("another").await.expect("the store can be read"), None);
    let both = futures::future::join(replace(one, 2, "a"), replace(other, 2, "b")).await;
    assert!(matches!(
        both,
        (Replaced::Done, Replaced::Refused) | (Replaced::Refused, Replaced::Done)
    ));
}
