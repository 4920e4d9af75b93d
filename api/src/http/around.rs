//! What holds for every answer: it bears the id of its request and its times, a panic in its making
//! stays in here, and pages of listed origins may read it.

use super::problem::{self, Problem};
use super::{cors, ops};
use crate::access::{self, Asker};
use crate::feed;
use crate::limits::{BODY_BYTES_MAX, COMPRESSED_BYTES_MIN};
use crate::server::Server;
use crate::sockets::OnSpare;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

pub(super) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Under which requests are counted that match no route: assets, and what is not there.
const OTHER_ROUTE: &str = "other";

/// The policy of what is no page.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Longest request id that is taken over.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// How long the parts of an answer took, where they were measured.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Timing {
    /// Reading the view, or the log.
    pub(super) read: Option<Duration>,
    /// Making the body.
    pub(super) encode: Option<Duration>,
}

impl Timing {
    /// Reading began then and ends now.
    pub(super) fn read_since(began: Instant) -> Self {
        Self { read: Some(began.elapsed()), encode: None }
    }

    /// The value of `Server-Timing`, in milliseconds.
    fn header(self, total: Duration) -> Option<HeaderValue> {
        let parts = [("read", self.read), ("encode", self.encode), ("total", Some(total))];
        let parts = parts.into_iter().filter_map(|(name, part)| {
            let micros = part?.as_micros();
            Some(format!("{name};dur={}.{:03}", micros / 1_000, micros % 1_000))
        });
        HeaderValue::from_str(&parts.collect::<Vec<_>>().join(", ")).ok()
    }
}

/// Around every request.
pub(super) async fn around(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers());
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let cors = cors::allowed(&server.state.origins, request.headers());
    let response = if let Some(preflight) = cors::preflight(cors.as_ref(), &request) {
        preflight
    } else if server.is_misdirected(request.headers()) {
        Problem::misdirected().into_response()
    } else if is_on_spare_socket_for_others(&request) {
        feed::stream::come_back(request.headers())
            .unwrap_or_else(|| Problem::too_many_sockets().into_response())
    } else if is_too_large(request.headers()) {
        Problem::too_large().into_response()
    } else {
        next.run(request).await
    };
    if response.status().is_server_error() {
        tracing::warn!(status = response.status().as_u16(), path, request_id = id, "not answered");
    }
    let route = route.as_ref().map_or(OTHER_ROUTE, MatchedPath::as_str);
    server.metrics.answered(&method, route, response.status(), began.elapsed());
    let mut response = problem::tell_request(response, &path, &id);
    let timing = response.extensions_mut().remove::<Timing>().unwrap_or_default();
    finish(&mut response, &id, timing.header(began.elapsed()));
    cors::allow(response.headers_mut(), &server.state.origins, cors);
    response
}

fn finish(response: &mut Response, id: &str, timing: Option<HeaderValue>) {
    let is_405 = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let is_401 = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if let Some(timing) = timing {
        headers.insert(SERVER_TIMING, timing);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    // Assets are the only routes that are not in the router's table.
    if is_405 && !headers.contains_key(header::ALLOW) {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
    }
    if is_401 {
        headers.insert(header::WWW_AUTHENTICATE, access::CHALLENGE);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // The page has a policy of its own; an answer that is data needs nothing and is framed by nobody.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
}

/// Whether it came over a socket that is kept for who watches over the process, and is none of his.
fn is_on_spare_socket_for_others(request: &Request) -> bool {
    request.extensions().get::<OnSpare>().is_some() && !ops::WATCHED.contains(&request.uri().path())
}

fn is_too_large(headers: &HeaderMap) -> bool {
    content_length(headers).is_some_and(|length| length > BODY_BYTES_MAX as u64)
}

/// How long the body is said to be.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The id that the client gave, where it is one to be repeated in headers and logs; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_sane = |id: &&str| {
        let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(is_harmless)
    };
    given.filter(is_sane).map_or_else(
        || format!("{:016x}-{}", *START, NUMBER.fetch_add(1, Ordering::Relaxed)),
        str::to_owned,
    )
}

/// Lets through who may ask.
pub(super) async fn guarded(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    match server.state.access.asker(request.headers()) {
        Asker::Admitted => next.run(request).await,
        asker => access::refusal(asker).into_response(),
    }
}

/// Answers a panic with a problem.
pub(super) async fn unbroken(request: Request, next: Next) -> Response {
    // The request is gone with its panic, and what is shared is kept consistent by its locks.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Problem::internal().into_response(),
    }
}

/// Gives up where an answer does not begin.
pub(super) async fn in_time(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("there was no answer within {limit:?}");
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail).into_response()
        }
    }
}

/// Compresses what is text and large.
pub(super) fn compression() -> CompressionLayer<impl Predicate> {
    let text = SizeAbove::new(COMPRESSED_BYTES_MIN)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        // They are compressed inside already, or read as they are.
        .and(NotForContentType::const_new("application/vnd.apache"));
    CompressionLayer::new().compress_when(text)
}

/// A strong tag names these very bytes, which compressed ones are not.
pub(super) async fn weak_where_compressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG)
        && !tag.as_bytes().starts_with(b"W/")
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        headers.insert(header::ETAG, weak);
    }
    response
}
