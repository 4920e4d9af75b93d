//! What OpenTelemetry's own variables say of a collector, and the exporter does not look at or passes over in
//! silence. It tells no value: one may be a key.

use crate::error::TracesError;
use reqwest::Certificate;
use std::path::Path;

/// Those of traces come before those of all signals.
fn said(name: &str) -> Option<(String, String)> {
    ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"].into_iter().find_map(|start| {
        let name = format!("{start}{name}");
        let value = std::env::var(&name).ok().filter(|value| !value.trim().is_empty())?;
        Some((name, value))
    })
}

/// What others read, and nobody here.
const UNREAD: [&str; 3] = ["CLIENT_CERTIFICATE", "CLIENT_KEY", "TIMEOUT"];

/// Warns of what is passed over.
pub(crate) fn check() {
    for (name, _) in UNREAD.into_iter().filter_map(said) {
        tracing::warn!("{name} is not looked at");
    }
    if let Some((name, protocol)) = said("PROTOCOL")
        && protocol != "http/protobuf"
    {
        tracing::warn!("{name} is passed over: spans are sent as http/protobuf");
    }
    if let Some((name, headers)) = said("HEADERS") {
        let odd = headers.split_terminator(',').filter(|header| !is_header(header)).count();
        if odd > 0 {
            tracing::warn!(
                "{name} has {odd} entries that are no NAME=VALUE, which are passed over"
            );
        }
    }
    if let Some((name, compression)) = said("COMPRESSION")
        && !["gzip", "none"].contains(&&*compression.to_ascii_lowercase())
    {
        tracing::warn!("{name} is neither gzip nor none, so nothing is compressed");
    }
}

/// As the exporter takes it: the name of a field of HTTP, and something to say.
fn is_header(header: &str) -> bool {
    let is_name = |name: &str| {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&byte);
        !name.is_empty() && name.bytes().all(is_legal)
    };
    let is_value =
        |value: &str| !value.is_empty() && value.bytes().all(|byte| byte >= b' ' && byte != 0x7f);
    header
        .split_once('=')
        .is_some_and(|(name, value)| is_name(name.trim()) && is_value(value.trim()))
}

/// Those that are trusted besides the system's.
pub(crate) fn certificates() -> Result<Vec<Certificate>, TracesError> {
    let Some((name, path)) = said("CERTIFICATE") else { return Ok(Vec::new()) };
    read(Path::new(&path))
        .map_err(|why| TracesError::Client(format!("{path} ({name}) is not read: {why}")))
}

pub(crate) fn read(path: &Path) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("it has no certificate (PEM)".to_owned());
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_a_name_and_a_value() {
        for header in ["api-key=abc", " Authorization = Basic%20abc= ", "x=1"] {
            assert!(is_header(header), "{header}");
        }
        for header in ["api-key", "api key=1", "=1", "x=", " ", "x=a\nb"] {
            assert!(!is_header(header), "{header}");
        }
    }
}
