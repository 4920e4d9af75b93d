//! Bodies and frames held against the documents that describe them.

use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The schema with the document's components at its root, so that references are found.
pub(crate) fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&root).unwrap()
}

/// What a body has that its schema does not allow.
pub(crate) fn faults(document: &Value, schema: &Value, body: &Value) -> Vec<String> {
    let validator = validator(document, schema);
    let faults = validator.iter_errors(body);
    faults.map(|error| format!("{error} at {}", error.instance_path())).collect()
}

/// Fails where a frame is not what the document of the feed says of its `op`.
pub(crate) fn must_be_documented(frame: &Value) {
    static BY_OP: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
        let document: Value = serde_json::from_str(crate::http::feed_document()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let by_op = schemas.values().filter_map(|schema| {
            let op = schema["properties"]["op"]["enum"][0].as_str()?;
            Some((op.to_owned(), validator(&document, schema)))
        });
        by_op.collect()
    });
    let op = frame["op"].as_str().unwrap();
    let faults = BY_OP[op].iter_errors(frame).map(|error| error.to_string());
    assert_eq!(faults.collect::<Vec<_>>(), [""; 0], "{frame}");
}
