//! The messages of the feed, one schema each.

use super::super::schema::{
    Part, count, instant, named, nullable, nullable_instant, object, of, one_of, text,
    version_members,
};
use crate::feed::message::{ErrorCode, PROTOCOL};
use crate::limits::{
    HEARTBEAT_MS, ID_BYTES_MAX, INTERVAL_DEFAULT_MS, INTERVAL_MAX_MS, INTERVAL_MIN_MS,
};
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// One message.
pub(super) struct Message {
    /// Of its schema, too.
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) schema: fn() -> Part,
}

const fn message(name: &'static str, summary: &'static str, schema: fn() -> Part) -> Message {
    Message { name, summary, schema }
}

/// What a client may say.
pub(super) const ASKED: [Message; 4] = [
    message(
        "Auth",
        "the first message to a server that wants a token, where no header shows it",
        auth,
    ),
    message("Subscribe", "show these views; under the same id in place of those before", subscribe),
    message("Unsubscribe", "show them no more", unsubscribe),
    message("Ping", "answer, please", ping),
];

/// What the server says.
pub(super) const TOLD: [Message; 7] = [
    message("Hello", "the first frame", hello),
    message("Snapshot", "all that the views of a subscription show", snapshot),
    message("Update", "what changed since the subscription's frame before", update),
    message("Heartbeat", "nothing else was to be said", heartbeat),
    message("Pong", "the answer to a ping", pong),
    message(
        "Error",
        "a request was refused, and the connection goes on; or, as sum_overflow, why it ends",
        error,
    ),
    message("ServerShutdown", "the server ends", server_shutdown),
];

fn op(name: &str) -> (&'static str, Part) {
    ("op", one_of(&[name], "which message this is"))
}

fn id() -> (&'static str, Part) {
    let id = of(Type::String).min_length(Some(1)).max_length(Some(ID_BYTES_MAX));
    ("id", id.description(Some("the client's name for it")).into())
}

/// Of that and everything else a message needs not have.
fn may_have(message: ObjectBuilder, name: &str, part: Part) -> ObjectBuilder {
    message.property(name, part)
}

fn auth() -> Part {
    let token = of(Type::String).description(Some("the server's token"));
    object("who asks", [op(crate::feed::auth::OP), ("token", token.into())])
        .examples([json!({ "op": "auth", "token": "…" })])
        .into()
}

fn subscribe() -> Part {
    let range = of(Type::Integer).minimum(Some(INTERVAL_MIN_MS)).maximum(Some(INTERVAL_MAX_MS));
    let interval =
        range.default(Some(json!(INTERVAL_DEFAULT_MS))).description(Some("frames come no faster"));
    let after = object(
        "the last frame that the client has: the first one shows what it missed since",
        [("epoch", text("of that frame")), ("version", count("of that frame"))],
    );
    let message =
        object("a wish to see views", [op("subscribe"), id(), ("views", named("SubscribedViews"))]);
    let message = may_have(message, "interval_ms", interval.into());
    may_have(message, "after", after.into())
        .examples([json!({
            "op": "subscribe", "id": "main", "interval_ms": 50,
            "views": { "summary": {}, "customers": { "top": 50, "country": "France" } },
        })])
        .into()
}

fn unsubscribe() -> Part {
    object("a wish not to see them any more", [op("unsubscribe"), id()])
        .examples([json!({ "op": "unsubscribe", "id": "main" })])
        .into()
}

fn ping() -> Part {
    let (name, part) = id();
    may_have(object("a question", [op("ping")]), name, part)
        .examples([json!({ "op": "ping", "id": "x" })])
        .into()
}

fn hello() -> Part {
    object(
        "the first frame",
        [
            op("hello"),
            ("protocol", one_of(&[PROTOCOL], "which words follow")),
            ("epoch", text("versions of one epoch can be compared")),
            ("version", count("how many commits this server has applied")),
            ("heartbeat_ms", count("a frame comes at least so often")),
        ],
    )
    .examples([json!({
        "op": "hello", "protocol": PROTOCOL, "epoch": "7f3a12c0", "version": 41,
        "heartbeat_ms": HEARTBEAT_MS,
    })])
    .into()
}

fn snapshot() -> Part {
    let members = [op("snapshot"), id(), ("views", named("SnapshotViews"))];
    object("all that the views show", members.into_iter().chain(version_members())).into()
}

fn update() -> Part {
    let more = [
        ("prev", count("version of the frame before; a gap means: subscribe again")),
        ("ingested_at", nullable_instant("when the oldest row shown first here was taken in")),
        ("views", named("UpdateViews")),
    ];
    let members = [op("update"), id()].into_iter().chain(version_members()).chain(more);
    object("what changed since the frame before", members).into()
}

fn heartbeat() -> Part {
    object(
        "nothing else was to be said",
        [
            op("heartbeat"),
            ("epoch", text("the server's")),
            ("version", count("the server's; frames of subscriptions may be behind")),
            ("at", instant("now")),
        ],
    )
    .into()
}

fn pong() -> Part {
    let id = nullable(Type::String, "the ping's");
    object("the answer to a ping", [op("pong"), ("id", id), ("at", instant("now"))]).into()
}

fn error() -> Part {
    let codes = ErrorCode::ALL.map(ErrorCode::name);
    object(
        "a request was refused",
        [
            op("error"),
            ("id", nullable(Type::String, "the request's, where it has one")),
            ("code", one_of(&codes, "why")),
            ("detail", text("why, for people")),
        ],
    )
    .into()
}

fn server_shutdown() -> Part {
    object(
        "the server ends",
        [op("server_shutdown"), ("reconnect_after_ms", count("when to come back"))],
    )
    .into()
}
