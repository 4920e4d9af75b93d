//! Who may ask. A server without a token answers everybody who can reach it under a name that is its own;
//! one with a token answers who knows it. What is asked is not looked at here.

use crate::http::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use goldstream_platform::secret::Secret;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use subtle::ConstantTimeEq;

/// The scheme of the header.
const SCHEME: &str = "bearer ";

/// Who may ask.
#[derive(Debug, Clone, Default)]
pub struct Access {
    tokens: Arc<[Secret]>,
}

/// What a request says of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// He may.
    Admitted,
    /// He shows no token.
    Unknown,
    /// He shows another one.
    Refused,
}

impl Access {
    /// Everybody who reaches the server.
    #[must_use]
    pub fn open() -> Self {
        Self::default()
    }

    /// Who knows one of these.
    #[must_use]
    pub fn with_tokens(tokens: Vec<Secret>) -> Self {
        Self { tokens: tokens.into() }
    }

    /// Whether everybody may.
    pub(crate) fn is_open(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether this is a token. Takes as long for one that is nearly right as for any other.
    pub(crate) fn knows(&self, token: &str) -> bool {
        let known = |secret: &Secret| secret.expose().as_bytes().ct_eq(token.as_bytes());
        self.tokens.iter().fold(subtle::Choice::from(0), |any, secret| any | known(secret)).into()
    }

    /// What the headers say.
    pub(crate) fn asker(&self, headers: &HeaderMap) -> Asker {
        if self.is_open() {
            return Asker::Admitted;
        }
        let Some(given) = headers.get(header::AUTHORIZATION) else { return Asker::Unknown };
        match given.to_str().ok().and_then(bearer) {
            Some(token) if self.knows(token) => Asker::Admitted,
            _ => Asker::Refused,
        }
    }
}

fn bearer(header: &str) -> Option<&str> {
    let scheme = header.get(..SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| header[SCHEME.len()..].trim())
}

/// The answer to who may not.
pub(crate) fn refusal(asker: Asker) -> Problem {
    let detail = match asker {
        Asker::Refused => "the token is not the one that this server was given",
        Asker::Admitted | Asker::Unknown => {
            "this server wants its token: Authorization: Bearer TOKEN"
        }
    };
    Problem::new(StatusCode::UNAUTHORIZED, detail)
}

/// How a refusal says what is wanted.
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"goldstream\"");

/// Whether a request reached a server that everybody may ask under a foreign name: a page that was loaded
/// under that name, and had it point here afterwards, would pass for a page of this server.
pub(crate) fn is_misdirected(listen: IpAddr, headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return false };
    let Ok(host) = host.to_str() else { return true };
    let name = name_of(host);
    let is_near = || !listen.is_loopback() && is_of_this_net(name);
    !is_address_or_localhost(name) && !is_near()
}

/// The host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        // An IPv6 address stands in brackets, whose colons are its own.
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_address_or_localhost(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let lower = bare.to_ascii_lowercase();
    bare.parse::<IpAddr>().is_ok() || lower == "localhost" || lower.ends_with(".localhost")
}

/// Whether nobody far away could have it point here: a name without a dot, as those of containers, is
/// given by this machine's own net; and the machine's own name is its own.
fn is_of_this_net(name: &str) -> bool {
    let is_simple = !name.is_empty() && !name.contains('.');
    is_simple || own_name().is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// The name of this machine, where the system tells it.
fn own_name() -> Option<&'static str> {
    static OWN: LazyLock<Option<String>> = LazyLock::new(|| {
        let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        Some(told.trim().to_owned()).filter(|name| !name.is_empty())
    });
    OWN.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let access = Access::with_tokens(vec![Secret::new("open-sesame"), Secret::new("second")]);
        for (value, asker) in [
            ("Bearer open-sesame", Asker::Admitted),
            ("bearer  second", Asker::Admitted),
            ("Bearer open-sesam", Asker::Refused),
            ("Bearer open-sesame2", Asker::Refused),
            ("Bearer ", Asker::Refused),
            ("Basic open-sesame", Asker::Refused),
            ("open-sesame", Asker::Refused),
        ] {
            assert_eq!(access.asker(&headers(header::AUTHORIZATION, value)), asker, "{value}");
        }
        assert_eq!(access.asker(&HeaderMap::new()), Asker::Unknown);
        assert_eq!(Access::open().asker(&HeaderMap::new()), Asker::Admitted);
    }

    #[test]
    fn a_server_on_loopback_is_asked_by_its_own_names() {
        let here: IpAddr = [127, 0, 0, 1].into();
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "a.localhost:80"] {
            assert!(!is_misdirected(here, &headers(header::HOST, host)), "{host}");
        }
        for host in ["evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(is_misdirected(here, &headers(header::HOST, host)), "{host}");
        }
        assert!(!is_misdirected(here, &HeaderMap::new()));
    }

    #[test]
    fn a_server_for_everybody_is_asked_by_names_that_nobody_far_away_can_give() {
        let anywhere: IpAddr = [0, 0, 0, 0].into();
        for host in ["192.168.1.7:8080", "[fe80::1]:80", "localhost", "goldstream:8080", "NAS"] {
            assert!(!is_misdirected(anywhere, &headers(header::HOST, host)), "{host}");
        }
        for host in ["shop.example", "evil.example:8080", "192.168.1.7.evil.example", "", ":80"] {
            assert!(is_misdirected(anywhere, &headers(header::HOST, host)), "{host}");
        }
        let own = own_name().unwrap();
        assert!(!is_misdirected(anywhere, &headers(header::HOST, own)), "{own}");
        // On loopback a name in a search list would do.
        assert!(is_misdirected([127, 0, 0, 1].into(), &headers(header::HOST, "goldstream")));
    }
}
