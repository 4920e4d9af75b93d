//! Refused rows.

use super::column::{Named, Placed, Presence, instant};
use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use goldstream_domain::codec::CodecError;
use goldstream_domain::quarantine::QuarantinedRow;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct QuarantineColumns {
    source: StringBuilder,
    position: Int64Builder,
    reason: StringBuilder,
    detail: StringBuilder,
    raw: StringBuilder,
    at: TimestampMillisecondBuilder,
    line: Int64Builder,
    log_partition: Int64Builder,
    log_position: Int64Builder,
}

impl Default for QuarantineColumns {
    fn default() -> Self {
        Self {
            source: StringBuilder::new(),
            position: Int64Builder::new(),
            reason: StringBuilder::new(),
            detail: StringBuilder::new(),
            raw: StringBuilder::new(),
            at: TimestampMillisecondBuilder::new().with_data_type(instant()),
            line: Int64Builder::new(),
            log_partition: Int64Builder::new(),
            log_position: Int64Builder::new(),
        }
    }
}

impl QuarantineColumns {
    pub(super) fn push(&mut self, placed: Placed<'_>, payload: &[u8]) -> Result<(), CodecError> {
        let row = QuarantinedRow::decode(payload)?;
        self.source.append_value(row.source);
        self.position.append_value(row.position.cast_signed());
        self.reason.append_value(row.reason.account(row.kind));
        self.detail.append_value(row.detail);
        self.raw.append_value(row.raw);
        self.at.append_value(placed.headers.ingested_at_ms);
        self.line.append_option(placed.headers.line.map(u64::cast_signed));
        self.log_partition.append_value(i64::from(placed.partition));
        self.log_position.append_value(placed.position.cast_signed());
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Vec<Named> {
        vec![
            ("source", Presence::Always, Arc::new(self.source.finish())),
            ("position", Presence::Always, Arc::new(self.position.finish())),
            ("reason", Presence::Always, Arc::new(self.reason.finish())),
            ("detail", Presence::Always, Arc::new(self.detail.finish())),
            ("raw", Presence::Always, Arc::new(self.raw.finish())),
            ("at", Presence::Always, Arc::new(self.at.finish())),
            ("line", Presence::Nullable, Arc::new(self.line.finish())),
            ("log_partition", Presence::Always, Arc::new(self.log_partition.finish())),
            ("log_position", Presence::Always, Arc::new(self.log_position.finish())),
        ]
    }
}
