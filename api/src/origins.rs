//! Whose pages may ask: those of this server and those of the listed origins.

use axum::http::{HeaderMap, header};
use std::sync::Arc;

/// The origins whose pages may ask beside the server's own: `https://shop.example`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    listed: Arc<[String]>,
}

impl Origins {
    /// These, in the form in which browsers send them.
    #[must_use]
    pub fn new(listed: &[String]) -> Self {
        Self { listed: listed.iter().map(|origin| origin.to_ascii_lowercase()).collect() }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The origin of the request where it is one of them.
    #[must_use]
    pub fn listed<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
        let lower = origin.to_ascii_lowercase();
        self.listed.contains(&lower).then_some(origin)
    }

    /// Whether the request is for the host of one of them: a proxy hands on what it was asked.
    #[must_use]
    pub fn has_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else {
            return false;
        };
        let mut hosts = self.listed.iter().filter_map(|origin| origin.split_once("://"));
        hosts.any(|(_, listed)| listed.eq_ignore_ascii_case(host))
    }

    /// Whether a page of another origin asks. Programs send no origin.
    #[must_use]
    pub fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return false };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let of_origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        let is_own = match (of_origin, host) {
            (Some((_, of_origin)), Some(host)) => of_origin.eq_ignore_ascii_case(host),
            _ => false,
        };
        !is_own && self.listed(headers).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("shop.example:8080"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn only_pages_of_another_host_are_foreign() {
        let origins = Origins::default();
        assert!(!origins.is_foreign(&headers(None)));
        assert!(!origins.is_foreign(&headers(Some("http://Shop.example:8080"))));
        for origin in ["http://shop.example", "https://evil.example:8080", "null", ""] {
            assert!(origins.is_foreign(&headers(Some(origin))), "{origin}");
        }
    }

    #[test]
    fn listed_origins_are_not_foreign() {
        let origins = Origins::new(&["https://Board.example".to_owned()]);
        assert!(!origins.is_foreign(&headers(Some("https://board.example"))));
        for origin in
            ["http://board.example", "https://board.example:444", "https://a.board.example"]
        {
            assert!(origins.is_foreign(&headers(Some(origin))), "{origin}");
        }
    }
}
