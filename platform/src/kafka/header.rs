//! The record header in which our own stages tell where a record came from (law 3).
//!
//! One header, because each costs an allocation or four on either side: `goldstream`, a JSON object
//! `{"ingested_at_ms":…}`, with `"origin","prev","source"` where the record has a source.
//! A record of another program has none; what it says under this name is no damage of the log.

use goldstream_domain::chain::SourceId;
use goldstream_domain::json;
use goldstream_domain::record::Headers;
use serde::Deserialize;
use std::io::Write;
use std::sync::Arc;

/// The header's name.
pub(super) const HEADER: &str = "goldstream";

/// Appends the header's value.
pub(super) fn write(headers: Headers<'_>, out: &mut Vec<u8>) {
    let at_ms = headers.ingested_at_ms;
    // Writing to memory does not fail, and text always has a JSON form.
    let Some(origin) = headers.origin else {
        return write!(out, "{{\"ingested_at_ms\":{at_ms}}}").unwrap_or_default();
    };
    let (place, prev) = (origin.origin, origin.prev);
    write!(out, "{{\"ingested_at_ms\":{at_ms},\"origin\":{place},\"prev\":{prev},\"source\":")
        .unwrap_or_default();
    serde_json::to_writer(&mut *out, &**origin.source_id).unwrap_or_default();
    out.push(b'}');
}

#[derive(Deserialize)]
struct Value<'a> {
    ingested_at_ms: i64,
    #[serde(default)]
    origin: u64,
    #[serde(default)]
    prev: u64,
    #[serde(borrow, default)]
    source: Option<json::Text<'a>>,
}

/// Where a record came from, its source named by a shared text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) ingested_at_ms: i64,
    pub(super) origin: Option<(SourceId, u64, u64)>,
}

/// Reads headers; nearly all of a run name the same few sources, so these are kept.
#[derive(Debug, Default)]
pub(super) struct HeaderReader {
    sources: Vec<SourceId>,
}

/// Sources that are remembered: the partitions of a stage's input, or a few files.
const SOURCES_MAX: usize = 1024;

impl HeaderReader {
    /// The header's content; none where it is not ours.
    pub(super) fn read(&mut self, value: &[u8]) -> Option<Parsed> {
        let value: Value<'_> = json::read(value).ok()?;
        let Some(source) = value.source else {
            return Some(Parsed { ingested_at_ms: value.ingested_at_ms, origin: None });
        };
        if value.origin == 0 || value.prev >= value.origin {
            return None;
        }
        let origin = Some((self.shared(&source.0), value.origin, value.prev));
        Some(Parsed { ingested_at_ms: value.ingested_at_ms, origin })
    }

    fn shared(&mut self, source: &str) -> SourceId {
        if let Some(known) = self.sources.iter().rfind(|known| &***known == source) {
            return Arc::clone(known);
        }
        if self.sources.len() == SOURCES_MAX {
            self.sources.clear();
        }
        let new = SourceId::from(source);
        self.sources.push(Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::record::Origin;

    #[test]
    fn what_is_written_comes_back() {
        let source: SourceId = "file:/a \"b\"/é.csv@0".into();
        let origin = Origin { source_id: &source, origin: 12, prev: 9 };
        let mut reader = HeaderReader::default();
        for origin in [None, Some(origin)] {
            let mut out = Vec::new();
            write(Headers { origin, ingested_at_ms: -5 }, &mut out);
            let parsed = reader.read(&out).unwrap();
            assert_eq!(parsed.ingested_at_ms, -5);
            let expected = origin.map(|o| (SourceId::clone(&source), o.origin, o.prev));
            assert_eq!(parsed.origin, expected);
        }
    }

    #[test]
    fn what_other_programs_write_under_the_name_is_no_origin() {
        let mut reader = HeaderReader::default();
        for value in ["", "x", "{}", r#"{"ingested_at_ms":1,"source":"a","origin":3,"prev":3}"#] {
            assert_eq!(reader.read(value.as_bytes()), None, "{value}");
        }
    }
}
