//! How large a record each topic takes: as its settings say, or as refusals teach where those are not to be
//! seen. Pure: it knows numbers, no records.
//!
//! A broker looks at the size of a whole batch, packed as it comes. So batches are kept below what every topic
//! takes, whatever is larger goes alone and packed, and what is too large then is cut.

use crate::log::Topic;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Longest record: a row of the longest text in a quarantine record, every character escaped.
pub(super) const RECORD_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a row gets on its way from bronze to silver, and a batch around its records.
const ROOM_BYTES: usize = 1024;
/// Batches are not made smaller than that: one record is one anyway.
const BATCH_BYTES_MIN: usize = 1024;

/// What a topic takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// The largest batch, in bytes.
    pub bytes: usize,
    /// Whether it is kept packed, as it came.
    pub packed: bool,
}

const ANYTHING: Takes = Takes { bytes: RECORD_BYTES_MAX, packed: true };

/// Whether batches are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Packed,
}

/// The sizes of all topics of a log.
#[derive(Debug)]
pub(super) struct Sizes(Mutex<State>);

#[derive(Debug)]
struct State {
    takes: [Takes; 4],
    batch_bytes: usize,
    packing: Packing,
}

impl Default for Sizes {
    fn default() -> Self {
        let state =
            State { takes: [ANYTHING; 4], batch_bytes: RECORD_BYTES_MAX, packing: Packing::Plain };
        Self(Mutex::new(state))
    }
}

impl Sizes {
    /// What a topic's settings say. It holds over what was learned.
    pub(super) fn configured(&self, topic: Topic, takes: Takes) {
        let mut state = self.lock();
        state.takes[place(topic)] = Takes { bytes: takes.bytes.min(RECORD_BYTES_MAX), ..takes };
        let least = state.takes.iter().map(|takes| takes.bytes).min();
        state.batch_bytes = least.unwrap_or(RECORD_BYTES_MAX);
    }

    /// A record of so many bytes was refused, by a client whose batches had at most `batch_bytes`: it may have
    /// been the batch. A record that is as large as that was alone.
    pub(super) fn refused(&self, topic: Topic, record_bytes: usize, batch_bytes: usize) {
        let mut state = self.lock();
        if record_bytes >= batch_bytes {
            let takes = &mut state.takes[place(topic)];
            takes.bytes = takes.bytes.min(record_bytes.saturating_sub(1));
        } else {
            let half = (batch_bytes / 2).max(BATCH_BYTES_MIN);
            state.batch_bytes = state.batch_bytes.min(half);
        }
    }

    /// The largest record for a topic. What bronze has must fit into silver.
    pub(super) fn takes(&self, topic: Topic) -> Takes {
        let state = self.lock();
        let own = state.takes[place(topic)];
        let Topic::Bronze(_) = topic else { return own };
        let silver = state.takes[place(Topic::Silver)];
        let bytes = own.bytes.min(silver.bytes).saturating_sub(ROOM_BYTES);
        Takes { bytes, packed: own.packed && silver.packed }
    }

    /// The largest batch of more than one record.
    pub(super) fn batch_bytes(&self) -> usize {
        self.lock().batch_bytes
    }

    /// From now on, batches are packed.
    pub(super) fn pack(&self) {
        self.lock().packing = Packing::Packed;
    }

    pub(super) fn packing(&self) -> Packing {
        self.lock().packing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(topic: Topic) -> usize {
    Topic::ALL.iter().position(|known| *known == topic).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;

    const BRONZE: Topic = Topic::Bronze(Kind::Purchases);

    #[test]
    fn batches_fit_every_topic_and_rows_of_bronze_fit_silver() {
        let sizes = Sizes::default();
        assert_eq!(sizes.batch_bytes(), RECORD_BYTES_MAX);
        let takes = |bytes| Takes { bytes, packed: true };
        sizes.configured(Topic::Silver, takes(500_000));
        sizes.configured(BRONZE, takes(1_000_000));
        assert_eq!(sizes.batch_bytes(), 500_000);
        assert_eq!(sizes.takes(BRONZE).bytes, 500_000 - ROOM_BYTES);
        assert_eq!(sizes.takes(Topic::Quarantine).bytes, RECORD_BYTES_MAX);
        sizes.configured(Topic::Silver, takes(100_000_000));
        assert_eq!(sizes.takes(Topic::Silver).bytes, RECORD_BYTES_MAX, "the client's own limit");
    }

    #[test]
    fn refusals_teach_the_size_of_batches_first_and_then_of_records() {
        let sizes = Sizes::default();
        let record = 900_000;
        let mut refusals = 0;
        while sizes.takes(Topic::Silver).bytes > record {
            sizes.refused(Topic::Silver, record, sizes.batch_bytes());
            refusals += 1;
        }
        // 4 MiB, 2 MiB, 1 MiB may have been the batch; at half of one it was alone.
        assert_eq!((refusals, sizes.batch_bytes()), (4, 512 * 1024));
        assert_eq!(sizes.takes(Topic::Silver).bytes, record - 1);
        assert_eq!(sizes.takes(Topic::Quarantine).bytes, RECORD_BYTES_MAX);
        sizes.configured(Topic::Silver, ANYTHING);
        assert_eq!(sizes.batch_bytes(), RECORD_BYTES_MAX, "what was mended holds");
    }

    #[test]
    fn many_reports_of_one_batch_halve_it_once() {
        let sizes = Sizes::default();
        let batch_bytes = sizes.batch_bytes();
        for _ in 0..100 {
            sizes.refused(BRONZE, 500, batch_bytes);
        }
        assert_eq!(sizes.batch_bytes(), batch_bytes / 2);
    }
}
