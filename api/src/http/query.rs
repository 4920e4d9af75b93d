//! Query parameters: one that a route does not know, or that stands there twice, is refused, so
//! that a typing error is heard.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;

/// Longest part of a parameter that is repeated in an answer.
const SHOWN_CHARS_MAX: usize = 40;

/// For routes without parameters.
pub(super) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Parameters::of(parts)?.none_left().map(|()| Self)
    }
}

/// The parameters of a request that nobody has taken yet.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    left: Vec<(String, String)>,
    /// What the route has asked for, whether it was there or not.
    known: BTreeSet<String>,
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(parts)
    }
}

impl Parameters {
    fn of(parts: &Parts) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }

    /// Reads `name=value&…`.
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let mut left: Vec<(String, String)> = Vec::new();
        for (name, value) in Self::pairs(query)? {
            if left.iter().any(|(known, _)| *known == name) {
                return Err(bad(format!("the parameter {} stands there twice", shown(&name))));
            }
            left.push((name, value));
        }
        Ok(Self { left, known: BTreeSet::new() })
    }

    /// All names and values, decoded, whatever they are.
    pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect()
    }

    /// The value of a parameter, which the route therefore knows.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
        }
        let place = self.left.iter().position(|(known, _)| known == name)?;
        Some(self.left.swap_remove(place).1)
    }

    /// The value of a parameter in the form that `read` gives it.
    pub(crate) fn take_as<T>(
        &mut self,
        name: &str,
        wanted: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let value = read(&text);
        value.map(Some).ok_or_else(|| bad(format!("{name} is {wanted}, not {}", shown(&text))))
    }

    /// Refuses what the route does not know. Called when all that it knows is taken.
    pub(crate) fn none_left(&self) -> Result<(), Problem> {
        let Some((name, _)) = self.left.first() else { return Ok(()) };
        let known: Vec<_> = self.known.iter().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Err(bad(format!("this route knows no parameter {}; it knows {known}", shown(name))))
    }
}

fn decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(Into::into).map_err(|_| bad("a parameter is no UTF-8".to_owned()))
}

fn shown(text: &str) -> String {
    format!("{text:.SHOWN_CHARS_MAX$?}")
}

/// 400 with a reason.
pub(crate) fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_and_taken_once() {
        let mut parameters = Parameters::parse("search=D%C3%A9j%C3%A0+vu&country=").unwrap();
        assert_eq!(parameters.take("search").as_deref(), Some("Déjà vu"));
        assert!(parameters.none_left().is_err());
        assert_eq!(parameters.take("country").as_deref(), Some(""));
        assert!(parameters.none_left().is_ok() && parameters.take("search").is_none());
    }

    #[test]
    fn repeated_unreadable_and_unknown_ones_are_refused() {
        for query in ["limit=1&limit=1", "a=%ff"] {
            assert!(Parameters::parse(query).is_err(), "{query}");
        }
        assert!(Parameters::parse("x").unwrap().none_left().is_err());
        let mut parameters = Parameters::parse("pays=France").unwrap();
        assert!(parameters.take("sort").is_none() && parameters.take("country").is_none());
        let refused = parameters.none_left().unwrap_err();
        assert!(refused.detail().ends_with("\"pays\"; it knows country, sort"), "{refused:?}");
        assert!(Parameters::parse("&&").unwrap().none_left().is_ok());
    }
}
