//! The columns that say where a record stood and where it came from.

use super::{Named, Placed, Presence, instant};
use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Stood {
    partition: Int64Builder,
    position: Int64Builder,
    ingested_at: TimestampMillisecondBuilder,
    source: StringBuilder,
    origin: Int64Builder,
}

impl Default for Stood {
    fn default() -> Self {
        Self {
            partition: Int64Builder::new(),
            position: Int64Builder::new(),
            ingested_at: TimestampMillisecondBuilder::new().with_data_type(instant()),
            source: StringBuilder::new(),
            origin: Int64Builder::new(),
        }
    }
}

impl Stood {
    pub(super) fn push(&mut self, placed: &Placed<'_>) {
        let Placed { partition, position, headers } = placed;
        self.partition.append_value(i64::from(*partition));
        self.position.append_value(position.cast_signed());
        self.ingested_at.append_value(headers.ingested_at_ms);
        match headers.origin {
            Some(origin) => {
                self.source.append_value(&**origin.source_id);
                self.origin.append_value(origin.origin.cast_signed());
            }
            None => {
                self.source.append_null();
                self.origin.append_null();
            }
        }
    }

    pub(super) fn finish(&mut self) -> Vec<Named> {
        vec![
            ("partition", Presence::Always, Arc::new(self.partition.finish())),
            ("position", Presence::Always, Arc::new(self.position.finish())),
            ("ingested_at", Presence::Always, Arc::new(self.ingested_at.finish())),
            ("source", Presence::Nullable, Arc::new(self.source.finish())),
            ("origin", Presence::Nullable, Arc::new(self.origin.finish())),
        ]
    }
}
