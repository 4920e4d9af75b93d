//! The feed's document held against its golden file and against the rules of AsyncAPI.

use super::json;
use crate::http::document::tests::{collect, must_be_golden};
use serde_json::Value;

#[test]
fn the_document_of_the_feed_is_the_one_that_others_have_seen() {
    must_be_golden("asyncapi.json", &format!("{}\n", json()));
}

#[test]
fn every_reference_leads_somewhere_and_every_message_has_a_schema() {
    let document: Value = serde_json::from_str(json()).unwrap();
    let mut references = Vec::new();
    collect(&document, "$ref", &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for name in super::SHARED {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
