//! Cross-origin reading for the listed origins, and for no others.

use crate::origins::Origins;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What a page's scripts may see beside the body.
const EXPOSED: &str = "etag, server-timing, www-authenticate, x-request-id, location, retry-after, \
                       link, accept-ranges, content-range";
const METHODS: &str = "GET, HEAD, POST";
const HEADERS: &str = "accept, authorization, content-encoding, content-type, if-match, if-none-match, \
                       if-range, last-event-id, range, x-request-id";
/// How long a browser may remember the permission, in seconds.
const MAX_AGE: &str = "600";

/// The origin of the request, where its pages may read the answer.
pub(super) fn allowed(origins: &Origins, headers: &HeaderMap) -> Option<HeaderValue> {
    origins.listed(headers).and_then(|origin| HeaderValue::from_str(origin).ok())
}

/// The answer to a browser that asks for permission first.
pub(super) fn preflight(allowed: Option<&HeaderValue>, request: &Request) -> Option<Response> {
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    allowed.filter(|_| asks)?;
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    Some((StatusCode::NO_CONTENT, headers).into_response())
}

/// Lets the origin read the answer. Caches must tell origins apart once any is listed.
pub(super) fn allow(headers: &mut HeaderMap, origins: &Origins, allowed: Option<HeaderValue>) {
    if !origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}
