//! What a client may ask, read from its messages. Fields and `op`s that are not known are ignored.

use super::message::{ErrorCode, ServerMessage};
use super::view::{FeedView, unknown};
use crate::limits::{
    ID_BYTES_MAX, INTERVAL_DEFAULT_MS, INTERVAL_MAX_MS, INTERVAL_MIN_MS, SUBSCRIPTIONS_MAX,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// One message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Show these views from now on.
    Subscribe(Subscribe),
    /// Show them no more.
    Unsubscribe { id: Arc<str> },
    /// Answer.
    Ping { id: Option<Arc<str>> },
    /// An `op` of another version of the protocol.
    Unknown,
}

/// A wish to see views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscribe {
    pub(crate) id: Arc<str>,
    pub(crate) views: Arc<[FeedView]>,
    pub(crate) interval_ms: u64,
    pub(crate) after: Option<After>,
}

/// The last frame that the client has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) epoch: String,
    pub(crate) version: u64,
}

/// Why a message is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadRequest {
    /// It is not even a JSON object.
    NotAnObject,
    /// It is one, but says something that cannot be done.
    Refused(Refusal),
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) id: Option<Arc<str>>,
    pub(crate) code: ErrorCode,
    pub(crate) detail: String,
}

impl Refusal {
    /// One connection has too many subscriptions.
    pub(crate) fn too_many_subscriptions(id: Arc<str>) -> Self {
        let detail = format!("a connection has at most {SUBSCRIPTIONS_MAX} subscriptions");
        Self { id: Some(id), code: ErrorCode::TooManySubscriptions, detail }
    }
}

impl From<Refusal> for ServerMessage {
    fn from(Refusal { id, code, detail }: Refusal) -> Self {
        Self::Error { id, code, detail }
    }
}

type Object = Map<String, Value>;
type Why = (ErrorCode, String);

impl Request {
    /// Reads one message.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRequest> {
        let Ok(Value::Object(message)) = serde_json::from_str(text) else {
            return Err(BadRequest::NotAnObject);
        };
        Self::from_object(&message).map_err(|(code, detail)| {
            let id = message.get("id").and_then(Value::as_str).filter(|id| is_id(id));
            BadRequest::Refused(Refusal { id: id.map(Arc::from), code, detail })
        })
    }

    fn from_object(message: &Object) -> Result<Self, Why> {
        let op = message.get("op").and_then(Value::as_str);
        match op.ok_or_else(|| (ErrorCode::BadOp, "op must be text".to_owned()))? {
            "subscribe" => subscribe(message).map(Self::Subscribe),
            "unsubscribe" => Ok(Self::Unsubscribe { id: id(message)? }),
            "ping" if message.contains_key("id") => Ok(Self::Ping { id: Some(id(message)?) }),
            "ping" => Ok(Self::Ping { id: None }),
            _ => Ok(Self::Unknown),
        }
    }
}

fn subscribe(message: &Object) -> Result<Subscribe, Why> {
    Ok(Subscribe {
        id: id(message)?,
        views: views(message)?,
        interval_ms: interval_ms(message)?,
        after: after(message)?,
    })
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID_BYTES_MAX
}

fn id(message: &Object) -> Result<Arc<str>, Why> {
    let id = message.get("id").and_then(Value::as_str).filter(|id| is_id(id));
    let detail = || format!("id must be text of 1 to {ID_BYTES_MAX} bytes");
    id.map(Arc::from).ok_or_else(|| (ErrorCode::BadId, detail()))
}

fn views(message: &Object) -> Result<Arc<[FeedView]>, Why> {
    let bad = |detail: &str| (ErrorCode::BadViews, detail.to_owned());
    let views = message.get("views").and_then(Value::as_object);
    let views = views.ok_or_else(|| bad("views must be an object: {\"summary\":{}}"))?;
    if views.is_empty() {
        return Err(bad("views names none"));
    }
    let mut wanted = Vec::with_capacity(views.len());
    for (name, options) in views {
        let view = FeedView::read(name, options);
        let view = view.ok_or_else(|| (ErrorCode::UnknownView, unknown(name)))?;
        if !options.is_object() {
            return Err(bad("the options of a view must be an object"));
        }
        wanted.push(view.map_err(|why| (ErrorCode::BadViews, format!("{name}: {why}")))?);
    }
    Ok(wanted.into())
}

fn interval_ms(message: &Object) -> Result<u64, Why> {
    let range = INTERVAL_MIN_MS..=INTERVAL_MAX_MS;
    match message.get("interval_ms") {
        None => Ok(INTERVAL_DEFAULT_MS),
        Some(value) => value.as_u64().filter(|ms| range.contains(ms)).ok_or_else(|| {
            let detail = format!(
                "interval_ms must be a whole number from {INTERVAL_MIN_MS} to {INTERVAL_MAX_MS}"
            );
            (ErrorCode::BadInterval, detail)
        }),
    }
}

fn after(message: &Object) -> Result<Option<After>, Why> {
    let after = match message.get("after") {
        None | Some(Value::Null) => return Ok(None),
        Some(after) => after,
    };
    let epoch = after.get("epoch").and_then(Value::as_str);
    let version = after.get("version").and_then(Value::as_u64);
    let (Some(epoch), Some(version)) = (epoch, version) else {
        let detail = "after must be {\"epoch\":text,\"version\":whole number}";
        return Err((ErrorCode::BadAfter, detail.to_owned()));
    };
    Ok(Some(After { epoch: epoch.to_owned(), version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> ErrorCode {
        match Request::parse(text) {
            Err(BadRequest::Refused(refusal)) => refusal.code,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_is_no_json_object_is_not_a_request() {
        for text in ["", "x", "[]", "1", "null", "\"ping\"", "{\"op\":\"ping\""] {
            assert_eq!(Request::parse(text), Err(BadRequest::NotAnObject), "{text}");
        }
    }

    #[test]
    fn a_subscription_has_defaults_and_ignores_what_it_does_not_know() {
        let text = r#"{"op":"subscribe","id":"a","views":{"summary":{"x":1}},"later":true}"#;
        let Ok(Request::Subscribe(subscribe)) = Request::parse(text) else { panic!() };
        assert_eq!((subscribe.interval_ms, subscribe.after), (50, None));
        assert_eq!(*subscribe.views, [FeedView::Summary]);
        assert_eq!(Request::parse(r#"{"op":"dance"}"#), Ok(Request::Unknown));
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_its_code() {
        let with = |rest: &str| format!(r#"{{"op":"subscribe","id":"a",{rest}}}"#);
        for (text, code) in [
            ("{}".to_owned(), ErrorCode::BadOp),
            (r#"{"op":1}"#.to_owned(), ErrorCode::BadOp),
            (r#"{"op":"unsubscribe"}"#.to_owned(), ErrorCode::BadId),
            (r#"{"op":"subscribe","id":7,"views":{"summary":{}}}"#.to_owned(), ErrorCode::BadId),
            (with(r#""views":[]"#), ErrorCode::BadViews),
            (with(r#""views":{}"#), ErrorCode::BadViews),
            (with(r#""views":{"summary":1}"#), ErrorCode::BadViews),
            (with(r#""views":{"weather":{}}"#), ErrorCode::UnknownView),
            (with(r#""views":{"summary":{}},"interval_ms":19"#), ErrorCode::BadInterval),
            (with(r#""views":{"summary":{}},"interval_ms":60001"#), ErrorCode::BadInterval),
            (with(r#""views":{"summary":{}},"interval_ms":"50""#), ErrorCode::BadInterval),
            (with(r#""views":{"summary":{}},"after":{"epoch":"x"}"#), ErrorCode::BadAfter),
        ] {
            assert_eq!(refusal(&text), code, "{text}");
        }
    }
}
