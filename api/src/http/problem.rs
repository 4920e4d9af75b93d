//! The one form of every error: RFC 9457, `application/problem+json`.

use crate::feed::message::Close;
use crate::limits::BODY_BYTES_MAX;
use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// Its media type.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    more: Map<String, Value>,
}

impl Problem {
    /// A problem in words for the person who asked.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), more: Map::new() }
    }

    /// With one more member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The path is known, but not for this method.
    pub(crate) fn method_not_allowed(method: &Method, path: &str) -> Self {
        let detail = format!("{path} cannot be answered for {method}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail)
    }

    /// It was meant for another server, or a page that was loaded elsewhere asks.
    pub(crate) fn misdirected() -> Self {
        let detail = "this server has no token, so it is asked as localhost, by an address or by a name \
                      of its own net; another name, as a proxy's, is made known by --allow-origin \
                      http://NAME:PORT";
        Self::new(StatusCode::MISDIRECTED_REQUEST, detail)
    }

    /// The body is longer than any may be.
    pub(super) fn too_large() -> Self {
        let detail = format!("a body may have {BODY_BYTES_MAX} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// The feed has as many readers as it may have.
    pub(crate) fn too_many_connections() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Close::TooManyConnections.reason())
    }

    /// All sockets are in use, and this one is kept for who watches over the process.
    pub(super) fn too_many_sockets() -> Self {
        let detail = "all sockets of this server are in use; come back in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// What is asked for is not in what is served.
    pub(super) fn counted_by_older() -> Self {
        let reason = "what is served was counted by an older version: ask that version (/version names it), or \
                      this one once its rows are counted again (goldstream rebuild; rebuild in the status says how far it is)";
        Self::new(StatusCode::CONFLICT, reason)
    }

    /// Something went wrong here; what exactly is in the log only.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server could not answer; see its log")
    }

    /// In words.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    fn body(self) -> Vec<u8> {
        let Self { status, detail, more } = self;
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Value::Object(members) = &mut body {
            members.extend(more);
        }
        body.to_string().into_bytes()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let form = (header::CONTENT_TYPE, MEDIA_TYPE);
        let mut response = (self.status, [form], self.clone().body()).into_response();
        let is_for_later =
            [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&self.status);
        if is_for_later {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts the request's path and id into the problem that a response is, if it is one.
pub(super) fn tell_request(response: Response, path: &str, request_id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(problem) = parts.extensions.remove::<Problem>() else {
        return Response::from_parts(parts, body);
    };
    let problem = problem.with("instance", path).with("request_id", request_id);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(problem.body()))
}
