//! The record header in which our own stages tell where a record came from (law 3).
//!
//! One header, because each costs an allocation or four on either side: `goldstream`, a JSON object
//! `{"ingested_at_ms":…}`, with `"origin","prev","source"` where the record has a source, and `"line"` where
//! that source is a file.
//! A record of another program has none; what it says under this name is no damage of the log.

use goldstream_domain::chain::SourceId;
use goldstream_domain::json;
use goldstream_domain::record::{Headers, Origin};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// The header's name.
pub(super) const HEADER: &str = "goldstream";

/// Writes headers; records that lie together name the same source, so its JSON is kept.
#[derive(Debug, Default)]
pub(super) struct HeaderWriter {
    source: Option<SourceId>,
    source_json: Vec<u8>,
}

impl HeaderWriter {
    /// Appends the header's value.
    pub(super) fn write(&mut self, headers: Headers<'_>, out: &mut Vec<u8>) {
        number(b"{\"ingested_at_ms\":", headers.ingested_at_ms, out);
        if let Some(Origin { source_id, origin, prev }) = headers.origin {
            number(b",\"origin\":", origin, out);
            number(b",\"prev\":", prev, out);
            out.extend_from_slice(b",\"source\":");
            out.extend_from_slice(self.json_of(source_id));
        }
        if let Some(line) = headers.line {
            number(b",\"line\":", line, out);
        }
        out.push(b'}');
    }

    fn json_of(&mut self, source: &SourceId) -> &[u8] {
        if self.source.as_ref().is_none_or(|known| !Arc::ptr_eq(known, source)) {
            self.source_json.clear();
            json::write_text(source, &mut self.source_json);
            self.source = Some(Arc::clone(source));
        }
        &self.source_json
    }
}

fn number(name: &[u8], number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Value<'a> {
    ingested_at_ms: i64,
    #[serde(default)]
    origin: u64,
    #[serde(default)]
    prev: u64,
    #[serde(borrow, default)]
    source: Option<json::Text<'a>>,
    line: Option<u64>,
}

impl<'a> Value<'a> {
    /// Any JSON of this form.
    fn read(json: &'a [u8]) -> Option<Self> {
        Self::as_written(json).or_else(|| json::read(json).ok())
    }

    /// JSON that is to the byte as we write it.
    fn as_written(json: &'a [u8]) -> Option<Self> {
        let mut json = json::Plain::new(std::str::from_utf8(json).ok()?);
        json.skip(r#"{"ingested_at_ms":"#)?;
        let ingested_at_ms = json.signed()?;
        let mut value = Self { ingested_at_ms, origin: 0, prev: 0, source: None, line: None };
        if json.skip(r#","origin":"#).is_some() {
            value.origin = json.whole()?;
            json.skip(r#","prev":"#)?;
            value.prev = json.whole()?;
            json.skip(r#","source":"#)?;
            value.source = Some(json::Text(Cow::Borrowed(json.text()?)));
        }
        if json.skip(r#","line":"#).is_some() {
            value.line = Some(json.whole()?);
        }
        json.skip("}")?;
        json.end()?;
        Some(value)
    }
}

/// Where a record came from, its source named by a shared text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) ingested_at_ms: i64,
    pub(super) origin: Option<(SourceId, u64, u64)>,
    pub(super) line: Option<u64>,
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
        let value = Value::read(value)?;
        let Value { ingested_at_ms, line, .. } = value;
        let Some(source) = value.source else {
            return Some(Parsed { ingested_at_ms, origin: None, line });
        };
        if value.origin == 0 || value.prev >= value.origin {
            return None;
        }
        let origin = Some((self.shared(&source.0), value.origin, value.prev));
        Some(Parsed { ingested_at_ms, origin, line })
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
        for (origin, line) in [(None, None), (Some(origin), None), (Some(origin), Some(13))] {
            let mut out = Vec::new();
            let headers = Headers { origin, ingested_at_ms: -5, line };
            HeaderWriter::default().write(headers, &mut out);
            let parsed = reader.read(&out).unwrap();
            assert_eq!((parsed.ingested_at_ms, parsed.line), (-5, line));
            let expected = origin.map(|o| (SourceId::clone(&source), o.origin, o.prev));
            assert_eq!(parsed.origin, expected);
        }
    }

    #[test]
    fn what_is_as_we_write_it_is_read_as_any_json_is() {
        let (plain, odd): (SourceId, SourceId) = ("file:/é.csv@0".into(), "a\\\"\u{1}".into());
        let mut writer = HeaderWriter::default();
        let mut all =
            vec![br#"{"ingested_at_ms":007}"#.to_vec(), b"{\"ingested_at_ms\":1} ".to_vec()];
        for (source, origin, at_ms) in
            [(&plain, u64::MAX, i64::MAX), (&odd, 7, 0), (&plain, 1, i64::MIN), (&odd, 1, 1)]
        {
            let origin = Some(Origin { source_id: source, origin, prev: origin - 1 });
            let mut out = Vec::new();
            let line = (at_ms != 0).then_some(at_ms.cast_unsigned());
            writer.write(Headers { origin, ingested_at_ms: at_ms, line }, &mut out);
            all.push(out);
        }
        for json in &all {
            let any = json::read::<Value<'_>>(json).ok();
            assert_eq!(Value::read(json), any);
            assert!(Value::as_written(json).is_none_or(|value| Some(value) == any));
        }
        assert!(Value::as_written(&all[2]).is_some());
    }

    #[test]
    fn what_other_programs_write_under_the_name_is_no_origin() {
        let mut reader = HeaderReader::default();
        for value in ["", "x", "{}", r#"{"ingested_at_ms":1,"source":"a","origin":3,"prev":3}"#] {
            assert_eq!(reader.read(value.as_bytes()), None, "{value}");
        }
    }
}
