//! The document held against its golden file and against the rules of OpenAPI.

use crate::http::openapi;
use serde_json::Value;
use std::path::Path;

/// Set to write the file anew.
const UPDATE: &str = "GOLDSTREAM_UPDATE_GOLDEN";

/// Holds what is made now against what stands in `tests/golden`.
pub(crate) fn must_be_golden(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden").join(name);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = golden.lines().zip(now.lines()).find(|(golden, now)| golden != now);
    assert!(
        golden == now,
        "{name} has changed, first at {differs:?}; where that is meant: \
         {UPDATE}=1 cargo test -p goldstream-api others_have_seen"
    );
}

#[test]
fn the_document_is_the_one_that_others_have_seen() {
    must_be_golden("openapi.json", &format!("{}\n", openapi()));
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_an_id_of_its_own() {
    let document: Value = serde_json::from_str(openapi()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = Vec::new();
    collect(&document, "$ref", &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = Vec::new();
    collect(&document, "operationId", &mut ids);
    let mut names: Vec<_> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ids.len());
}

pub(in crate::http) fn collect<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name));
            members.values().for_each(|value| collect(value, name, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, name, found)),
        _ => {}
    }
}
