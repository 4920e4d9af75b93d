//! Between the compact records of blocks and the JSON records of the topics.

use super::header::{HEADER, HeaderReader, HeaderWriter, Parsed};
use crate::clock::rfc3339;
use crate::log::{LogError, Topic};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::bronze::cut::{KEPT_BYTES, TooLarge};
use goldstream_domain::codec::CodecError;
use goldstream_domain::quarantine::{QuarantinedJson, QuarantinedRow};
use goldstream_domain::record::{BlockBuilder, Headers, Origin, Record};
use goldstream_domain::silver::{ParsedEvent, SilverEvent};
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Headers as _};

/// A record as a topic carries it. Its buffers are used again and again.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) header: Vec<u8>,
    headers: HeaderWriter,
}

impl Outgoing {
    /// Takes the form that `topic` carries.
    pub(super) fn fill(&mut self, topic: Topic, record: Record<'_>) -> Result<(), CodecError> {
        self.key.clear();
        self.value.clear();
        self.header.clear();
        self.headers.write(record.headers, &mut self.header);
        match topic {
            Topic::Bronze(kind) => {
                let row = BronzeRow::decode(record.payload)?;
                row.write_json(kind, &mut self.value);
                if let Some(id) = row.id(kind) {
                    self.key.extend_from_slice(id.as_bytes());
                }
            }
            Topic::Silver => {
                let event = SilverEvent::decode(record.payload)?;
                event.write_json(&mut self.value);
                self.key.extend_from_slice(event.customer_id().as_bytes());
            }
            Topic::Quarantine => {
                let at = rfc3339(record.headers.ingested_at_ms);
                QuarantinedRow::decode(record.payload)?.write_json(&at, &mut self.value);
            }
        }
        Ok(())
    }
}

/// What a batch and a record in it have around key, value and header.
const FRAME_BYTES: usize = 128;
/// As the client packs by itself.
const ZSTD_LEVEL: i32 = 3;

impl Outgoing {
    /// What it takes in a batch of its own.
    pub(super) fn wire_bytes(&self) -> usize {
        self.key.len() + self.value.len() + self.header.len() + HEADER.len() + FRAME_BYTES
    }

    /// The same packed. What cannot be packed is as large as it was.
    pub(super) fn packed_bytes(&self) -> usize {
        let packed = zstd::bulk::compress(&self.value, ZSTD_LEVEL);
        let value_bytes = packed.map_or(self.value.len(), |packed| packed.len());
        self.wire_bytes() - self.value.len() + value_bytes
    }

    /// Puts in place of a row what fits nearly everywhere. An event stays as it is.
    pub(super) fn cut(&mut self, topic: Topic, record: Record<'_>) -> Result<(), CodecError> {
        match topic {
            Topic::Bronze(kind) => {
                let cut = TooLarge::of(&self.value);
                self.key.clear();
                self.value.clear();
                cut.row().write_json(kind, &mut self.value);
            }
            Topic::Quarantine => {
                let row = QuarantinedRow::decode(record.payload)?;
                let short = |text: &'_ str| text.floor_char_boundary(KEPT_BYTES);
                let (raw, detail) = (&row.raw[..short(row.raw)], &row.detail[..short(row.detail)]);
                self.value.clear();
                let at = rfc3339(record.headers.ingested_at_ms);
                QuarantinedRow { raw, detail, ..row }.write_json(&at, &mut self.value);
            }
            Topic::Silver => {}
        }
        Ok(())
    }
}

/// Reads records of topics into blocks.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    headers: HeaderReader,
}

impl Incoming {
    /// Appends a message to a block.
    pub(super) fn push(
        &mut self,
        topic: Topic,
        message: &BorrowedMessage<'_>,
        block: &mut BlockBuilder,
    ) -> Result<(), LogError> {
        let parsed = self.parse_header(message);
        let origin = parsed.origin.as_ref();
        let origin = origin.map(|(source_id, origin, prev)| {
            let (origin, prev) = (*origin, *prev);
            Origin { source_id, origin, prev }
        });
        let headers = Headers { origin, ingested_at_ms: parsed.ingested_at_ms, line: parsed.line };
        push_value(topic, message.payload().unwrap_or_default(), headers, block).map_err(|reason| {
            let place = (message.topic(), message.partition(), message.offset());
            LogError::Damaged(format!("{}/{} at {}: {reason}", place.0, place.1, place.2))
        })
    }

    fn parse_header(&mut self, message: &BorrowedMessage<'_>) -> Parsed {
        let ours = message.headers().and_then(|headers| {
            let header = headers.iter().find(|header| header.key == HEADER)?;
            self.headers.read(header.value?)
        });
        ours.unwrap_or_else(|| {
            let ingested_at_ms = message.timestamp().to_millis().unwrap_or(0);
            Parsed { ingested_at_ms, origin: None, line: None }
        })
    }
}

fn push_value(
    topic: Topic,
    value: &[u8],
    headers: Headers<'_>,
    block: &mut BlockBuilder,
) -> Result<(), String> {
    match topic {
        Topic::Bronze(_) => block.push(headers, |out| BronzeRow::Json(value).encode(out)),
        Topic::Silver => {
            let parsed = ParsedEvent::from_json(value).map_err(|error| {
                format!(
                    "a record that no goldstream wrote ({error}): goldstream rebuild makes silver \
                     anew, goldstream skip passes over one record"
                )
            })?;
            block.push(headers, |out| parsed.event().encode(out));
        }
        Topic::Quarantine => {
            let parsed = QuarantinedJson::from_json(value)
                .map_err(|error| format!("a record that no goldstream wrote: {error}"))?;
            let row = parsed.row().ok_or_else(|| "a reason of another version".to_owned())?;
            block.push(headers, |out| row.encode(out));
        }
    }
    Ok(())
}
