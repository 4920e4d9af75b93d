//! The columns that say where a record stood and where it came from.

use super::column::{Named, Placed, Presence, instant};
use arrow_array::builder::{Int32Builder, Int64Builder, TimestampMillisecondBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, StringArray};
use goldstream_domain::chain::SourceId;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Stood {
    partition: Int64Builder,
    position: Int64Builder,
    ingested_at: TimestampMillisecondBuilder,
    source: Sources,
    origin: Int64Builder,
}

impl Default for Stood {
    fn default() -> Self {
        Self {
            partition: Int64Builder::new(),
            position: Int64Builder::new(),
            ingested_at: TimestampMillisecondBuilder::new().with_data_type(instant()),
            source: Sources::default(),
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
                self.source.append(origin.source_id);
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
            ("source", Presence::Nullable, self.source.finish()),
            ("origin", Presence::Nullable, Arc::new(self.origin.finish())),
        ]
    }
}

/// Names of sources, each kept once: nearly always the same as in the row before.
#[derive(Debug, Default)]
struct Sources {
    keys: Int32Builder,
    names: Vec<SourceId>,
    last: usize,
}

impl Sources {
    fn append(&mut self, source: &SourceId) {
        if self.names.get(self.last).is_none_or(|last| !SourceId::ptr_eq(last, source)) {
            let known = self.names.iter().position(|known| known == source);
            self.last = known.unwrap_or_else(|| {
                self.names.push(SourceId::clone(source));
                self.names.len() - 1
            });
            // The next row has this very pointer.
            self.names[self.last] = SourceId::clone(source);
        }
        self.keys.append_value(self.last as i32);
    }

    fn append_null(&mut self) {
        self.keys.append_null();
    }

    fn finish(&mut self) -> ArrayRef {
        let names = StringArray::from_iter_values(self.names.drain(..));
        Arc::new(DictionaryArray::<Int32Type>::new(self.keys.finish(), Arc::new(names)))
    }
}
