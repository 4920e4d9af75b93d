//! Query parameters: one that a route does not know is refused, so that a typing error is heard.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

/// For routes without parameters.
pub(super) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let Some(first) = query.split('&').find(|pair| !pair.is_empty()) else { return Ok(Self) };
        let name = first.split_once('=').map_or(first, |(name, _)| name);
        let detail = format!("unknown parameter {name:.40}: this route takes none");
        Err(Problem::new(StatusCode::BAD_REQUEST, detail))
    }
}
