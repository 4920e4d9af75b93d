//! The feed's document, AsyncAPI 3: what each side may say, over a WebSocket or as events. Its schemas
//! of rows are those of the API's document.

mod messages;
mod schemas;
#[cfg(test)]
mod tests;

use super::components;
use super::schema::Part;
use super::texts;
use crate::feed::message::PROTOCOL;
use messages::{ASKED, Message, TOLD};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Schemas of the API's document that frames refer to.
const SHARED: [&str; 12] = [
    "Alert",
    "Accounting",
    "Country",
    "Customer",
    "Day",
    "Lake",
    "Month",
    "Product",
    "ShopTime",
    "Rebuild",
    "Status",
    "Summary",
];

/// The document as JSON.
pub(crate) fn json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| {
        // It is made of texts and numbers, which always have a JSON form.
        serde_json::to_string_pretty(&document()).unwrap_or_default()
    });
    &JSON
}

fn document() -> Value {
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "goldstream feed",
            "version": env!("CARGO_PKG_VERSION"),
            "description": texts::ABOUT_FEED,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "socket": { "host": "127.0.0.1:8080", "protocol": "ws" },
            "events": { "host": "127.0.0.1:8080", "protocol": "http" },
        },
        "channels": { "feed": feed(), "stream": stream() },
        "operations": {
            "ask": operation("receive", "feed", &ASKED, "what a client may say"),
            "tell": operation("send", "feed", &TOLD, "what the server says"),
            "tellEvents": operation("send", "stream", &TOLD, "the same as events"),
        },
        "components": { "messages": all_messages(), "schemas": all_schemas() },
    })
}

fn feed() -> Value {
    let all = ASKED.iter().chain(&TOLD);
    json!({
        "address": "/api/v1/feed",
        "title": "the numbers as they change, over a WebSocket",
        "description": format!("Text frames of JSON, subprotocol {PROTOCOL}."),
        "servers": [{ "$ref": "#/servers/socket" }],
        "messages": all.map(in_components).collect::<Map<_, _>>(),
        "bindings": { "ws": { "method": "GET" } },
    })
}

fn stream() -> Value {
    json!({
        "address": "/api/v1/stream",
        "title": "the numbers as they change, as server-sent events",
        "description": "The event's name is the op. What is asked stands in the address.",
        "servers": [{ "$ref": "#/servers/events" }],
        "messages": TOLD.iter().map(in_components).collect::<Map<_, _>>(),
    })
}

fn operation(action: &str, channel: &str, messages: &[Message], summary: &str) -> Value {
    let reference = |message: &Message| json!({ "$ref": format!("#/channels/{channel}/messages/{}", message.name) });
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "summary": summary,
        "messages": messages.iter().map(reference).collect::<Vec<_>>(),
    })
}

fn in_components(message: &Message) -> (String, Value) {
    let name = message.name;
    (name.to_owned(), json!({ "$ref": format!("#/components/messages/{name}") }))
}

fn all_messages() -> Value {
    let described = |message: &Message| {
        let Message { name, summary, .. } = message;
        let payload = json!({ "$ref": format!("#/components/schemas/{name}") });
        let body = json!({ "name": name, "summary": summary, "payload": payload });
        ((*name).to_owned(), body)
    };
    ASKED.iter().chain(&TOLD).map(described).collect::<Map<_, _>>().into()
}

fn all_schemas() -> Value {
    let shared = components::all().into_iter().filter(|(name, _)| SHARED.contains(name));
    let of_messages = ASKED.iter().chain(&TOLD).map(|message| (message.name, (message.schema)()));
    let all = shared.chain(schemas::views()).chain(of_messages);
    all.map(|(name, schema)| (name.to_owned(), value(&schema))).collect::<Map<_, _>>().into()
}

/// A schema as JSON, which every schema has.
fn value(schema: &Part) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}
