//! Where to go on with a source after a restart: its checkpoint, and what bronze holds beyond it.
//!
//! The checkpoint is only a cache. Bronze is the truth: what stands there was sent.

use crate::route::Held;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::record::Origin;
use goldstream_platform::log::{Fetched, Log, LogError, Topic, TopicPartition};
use goldstream_platform::store::SourceCheckpoint;

/// What a source has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Where to read on; of an earlier time than `held` where bronze is ahead of it.
    pub checkpoint: SourceCheckpoint,
    /// What bronze holds beyond the checkpoint, by partition.
    pub held: Vec<Held>,
}

/// Name of one generation of a source.
#[must_use]
pub fn generation_name(key: &str, generation: u64) -> String {
    format!("{key}@{generation}")
}

/// The generation of `key` that bears this name.
fn generation_of(name: &str, key: &str) -> Option<u64> {
    name.strip_prefix(key)?.strip_prefix('@')?.parse().ok()
}

/// Completes the checkpoint of `key` from the bronze records written after it.
///
/// # Errors
/// Where bronze cannot be read.
pub async fn read_sent(
    log: &dyn Log,
    (kind, key): (Kind, &str),
    partitions: u32,
    checkpoint: SourceCheckpoint,
) -> Result<Sent, LogError> {
    let mut checkpoint = checkpoint;
    if !is_of(log, kind, &checkpoint).await? {
        tracing::warn!(source = key, "bronze ends before what was sent: it is another log");
        checkpoint = SourceCheckpoint::default();
    }
    let mut sent = Sent { held: vec![Held::default(); partitions as usize], checkpoint };
    sent.checkpoint.tails.resize(partitions as usize, 0);
    sent.checkpoint.bronze_ends.resize(partitions as usize, 0);
    for partition in 0..partitions {
        let at = TopicPartition::new(Topic::Bronze(kind), partition);
        let mut position = sent.checkpoint.bronze_ends[partition as usize];
        while let Some(fetched) = log.read(at, position).await? {
            sent.take((kind, key), partition as usize, position, &fetched)?;
            position = fetched.first + fetched.block.len();
        }
    }
    Ok(sent)
}

/// Whether the log has what the checkpoint says was sent.
async fn is_of(log: &dyn Log, kind: Kind, checkpoint: &SourceCheckpoint) -> Result<bool, LogError> {
    for (partition, sent) in (0..).zip(&checkpoint.bronze_ends) {
        let at = TopicPartition::new(Topic::Bronze(kind), partition);
        if log.end(at).await? < *sent {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Sent {
    /// Whether nothing of the source was ever sent.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let SourceCheckpoint { generation, bytes, .. } = self.checkpoint;
        (generation, bytes) == (0, 0) && self.held.iter().all(|held| held.tail == 0)
    }

    fn take(
        &mut self,
        (kind, key): (Kind, &str),
        partition: usize,
        from: u64,
        fetched: &Fetched,
    ) -> Result<(), LogError> {
        let damaged = |error: CodecError| LogError::Damaged(error.to_string());
        let mut json = Vec::new();
        for (offset, record) in (fetched.first..).zip(fetched.block.records()) {
            let record = record.map_err(damaged)?;
            let Some(Origin { source_id, origin, prev }) = record.headers.origin else { continue };
            if offset >= from
                && let Some(generation) = generation_of(source_id, key)
            {
                json.clear();
                let row = BronzeRow::decode(record.payload).map_err(damaged)?;
                row.write_json(kind, &mut json);
                self.add(generation, partition, (origin, prev), &json);
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        generation: u64,
        partition: usize,
        (row_number, prev): (u64, u64),
        json: &[u8],
    ) {
        let partitions = self.held.len();
        if generation > self.checkpoint.generation {
            self.checkpoint = SourceCheckpoint {
                generation,
                tails: vec![0; partitions],
                bronze_ends: std::mem::take(&mut self.checkpoint.bronze_ends),
                ..SourceCheckpoint::default()
            };
            self.held = vec![Held::default(); partitions];
        }
        let held = &mut self.held[partition];
        let known = held.tail.max(self.checkpoint.tails[partition]);
        // A row that stands twice was sent again; its first record counts. One before which rows are
        // missing came through where an earlier append did not: its readers wait for all of them again.
        let is_behind_hole = prev > known;
        if generation == self.checkpoint.generation && row_number > known && !is_behind_hole {
            held.add(row_number, json);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(generation: u64) -> Sent {
        let checkpoint = SourceCheckpoint {
            generation,
            rows: 5,
            tails: vec![4, 5],
            bronze_ends: vec![2, 3],
            ..SourceCheckpoint::default()
        };
        Sent { checkpoint, held: vec![Held::default(); 2] }
    }

    #[test]
    fn rows_beyond_the_checkpoint_are_held_once() {
        let mut sent = sent(0);
        for row in [6, 7, 6, 7] {
            sent.add(0, 1, (row, row - 1), b"x");
        }
        assert_eq!((sent.held[1].tail, sent.held[0].tail), (7, 0));
        let digest = sent.held[1].digest;
        sent.add(0, 1, (3, 2), b"x");
        assert_eq!(sent.held[1].digest, digest);
    }

    #[test]
    fn rows_behind_a_hole_are_to_be_sent_again() {
        let mut sent = sent(0);
        for (row, prev) in [(6, 5), (9, 8), (10, 9)] {
            sent.add(0, 1, (row, prev), b"x");
        }
        assert_eq!(sent.held[1].tail, 6);
        for (row, prev) in [(8, 6), (9, 8)] {
            sent.add(0, 1, (row, prev), b"x");
        }
        assert_eq!(sent.held[1].tail, 9);
    }

    #[test]
    fn a_newer_generation_in_bronze_makes_the_checkpoint_an_old_one() {
        let mut sent = sent(0);
        sent.add(0, 0, (6, 4), b"x");
        sent.add(1, 0, (1, 0), b"y");
        assert_eq!((sent.checkpoint.generation, sent.checkpoint.rows), (1, 0));
        assert_eq!(sent.checkpoint.tails, [0, 0]);
        sent.add(0, 0, (7, 6), b"x");
        assert_eq!(sent.held[0].tail, 1);
    }

    #[test]
    fn generations_are_told_by_name() {
        assert_eq!(generation_of("file:/a@3", "file:/a"), Some(3));
        assert_eq!(generation_of("file:/ab@3", "file:/a"), None);
        assert_eq!(generation_of(&generation_name("k", 9), "k"), Some(9));
    }
}
