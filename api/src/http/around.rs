//! What holds for every answer: its time is told, and a panic in its making stays in here.

use super::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Tells how long the answer took, in milliseconds.
pub(super) async fn timed(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let mut response = next.run(request).await;
    let micros = start.elapsed().as_micros();
    let total = format!("total;dur={}.{:03}", micros / 1000, micros % 1000);
    let headers = response.headers_mut();
    if let Ok(total) = HeaderValue::from_str(&total) {
        headers.insert(SERVER_TIMING, total);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Answers a panic with a problem.
pub(super) async fn unbroken(request: Request, next: Next) -> Response {
    // The request is gone with its panic, and what is shared is kept consistent by its locks.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Problem::internal().into_response(),
    }
}
