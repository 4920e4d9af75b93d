//! `/openapi.json`, `/asyncapi.json`, and `/docs`: Swagger UI from inside the binary. Nothing of it comes from
//! another host.

use super::document::feed;
use super::problem::Problem;
use super::query::NoParameters;
use axum::Extension;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::{Config, SwaggerFile};

/// Swagger UI writes styles into its page; it runs no script but its files.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What gives the API's document: it follows from the table in which this stands.
#[derive(Clone, Copy)]
pub(super) struct OpenApi(pub(super) fn() -> &'static str);

/// `GET /openapi.json`.
pub(super) async fn openapi(
    Extension(OpenApi(text)): Extension<OpenApi>,
    _: NoParameters,
) -> Response {
    json(text())
}

/// `GET /asyncapi.json`.
pub(super) async fn asyncapi(_: NoParameters) -> Response {
    json(feed::json())
}

fn json(body: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, body).into_response()
}

/// `GET /docs`.
pub(super) async fn to_index() -> Redirect {
    // Its files are named relative to it.
    Redirect::permanent("/docs/")
}

/// `GET /docs/`.
pub(super) async fn index() -> Result<Response, Problem> {
    serve("index.html")
}

/// `GET /docs/…`.
pub(super) async fn file(path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let Path(path) = path.map_err(|why| Problem::new(why.status(), why.body_text()))?;
    serve(&path)
}

fn serve(path: &str) -> Result<Response, Problem> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
        // The validator would be asked on its own host.
        Arc::new(Config::from("/openapi.json").validator_url("none").deep_linking(true))
    });
    let found = utoipa_swagger_ui::serve(path, Arc::clone(&CONFIG)).map_err(|error| {
        tracing::error!(%error, "a file of the documentation cannot be made");
        Problem::internal()
    })?;
    let Some(SwaggerFile { bytes, content_type, gzpipped, .. }) = found else {
        let detail = format!("there is nothing at /docs/{path:.80}");
        return Err(Problem::new(StatusCode::NOT_FOUND, detail));
    };
    let headers = [
        (header::CONTENT_TYPE, content_type.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let mut response = (headers, bytes.into_owned()).into_response();
    if gzpipped {
        let gzip = header::HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}
