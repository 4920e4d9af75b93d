//! The document of routes, made from their table: it has what the router has.

use super::operation::TOKEN;
use super::{components, texts};
use crate::http::route::{Door, Route};
use axum::http::Method;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::Tag;
use utoipa::openapi::{Components, InfoBuilder, License, OpenApi, OpenApiBuilder};

/// The document of these routes as JSON.
pub(in crate::http) fn json(routes: Vec<Route>) -> String {
    // It is made of texts and numbers, which always have a JSON form.
    document(routes).to_pretty_json().unwrap_or_default()
}

fn document(routes: Vec<Route>) -> OpenApi {
    let mut paths = Paths::new();
    for route in routes {
        let path = route.path.replace("{*", "{");
        let id = operation_id(&route);
        let doc = match route.door {
            Door::Guarded | Door::GuardedWithin => route.doc.guarded(),
            Door::Open => route.doc.open(),
        };
        let item = PathItem::new(http_method(&route.method), doc.build(&id));
        match paths.paths.get_mut(&path) {
            Some(known) => known.merge_operations(item),
            None => {
                paths.paths.insert(path, item);
            }
        }
    }
    let mut components = Components::new();
    for (name, schema) in components::all() {
        components.schemas.insert(name.to_owned(), schema);
    }
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("where the server was given a token"));
    components.add_security_scheme(TOKEN, SecurityScheme::Http(token.build()));
    let info = InfoBuilder::new()
        .title("goldstream")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(texts::ABOUT))
        .license(Some(License::new("MIT OR Apache-2.0")));
    let tag = |(name, about): &(&str, &str)| {
        let mut tag = Tag::new(*name);
        tag.description = Some((*about).to_owned());
        tag
    };
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .tags(Some(texts::TAGS.iter().map(tag)))
        .build()
}

fn http_method(method: &Method) -> HttpMethod {
    if *method == Method::POST { HttpMethod::Post } else { HttpMethod::Get }
}

/// `GET /api/v1/customers/{customer_id}` is `get_api_v1_customers_customer_id`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    // `/docs` and `/docs/` are two.
    let index = route.path.ends_with('/').then_some("index");
    let words = words.filter(|word| !word.is_empty()).chain(index);
    let method = route.method.as_str().to_ascii_lowercase();
    [method.as_str()].into_iter().chain(words).collect::<Vec<_>>().join("_")
}
