//! The page and its assets, from inside the binary. Nothing of it comes from another host.

use super::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
// What `make dashboard` has built; build.rs says so where it is missing.
#[folder = "../dashboard/dist"]
struct Assets;

/// No script and no host but our own. The charts are SVG with style attributes, hence the one exception.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /`.
pub(super) async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    serve("index.html", &headers).ok_or_else(Problem::internal)
}

/// Any other path: an asset, or nothing.
pub(super) async fn asset(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let path = uri.path();
    let answer = serve(path.trim_start_matches('/'), &headers).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {path}"))
    })?;
    if method != Method::GET && method != Method::HEAD {
        return Err(Problem::method_not_allowed(&method, path));
    }
    Ok(answer)
}

fn serve(path: &str, headers: &HeaderMap) -> Option<Response> {
    let EmbeddedFile { data, metadata } = Assets::get(path)?;
    let digits: String =
        metadata.sha256_hash().iter().take(8).map(|b| format!("{b:02x}")).collect();
    let tag = HeaderValue::from_str(&format!("\"{digits}\"")).ok()?;
    let is_known = headers.get(header::IF_NONE_MATCH) == Some(&tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(path))], data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching(path)));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(response)
}

/// What Vite puts under `assets/` bears the hash of its bytes in its name.
fn caching(path: &str) -> &'static str {
    if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
