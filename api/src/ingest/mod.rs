//! Rows that programs post: checked whole, appended to bronze, and acknowledged once they are durable.
//! What is in a row is not looked at here: cleaning is the stages' work.
//!
//! ```text
//! body ─► rows as they came ─► blocks by partition ─► log ─► ends ─► receipt
//! ```

pub(crate) mod blocks;
pub(crate) mod body;
pub(crate) mod error;
pub(crate) mod packing;
pub(crate) mod receipt;
mod table;

use self::blocks::{Blocks, Cutter, Spread};
use self::receipt::Receipt;
use crate::limits::{APPEND_MAX, BODY_KIB_MIN, INGEST_KIB_MAX};
use goldstream_domain::column::Kind;
use goldstream_platform::clock::now_ms;
use goldstream_platform::log::{Log, LogError};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The way of posted rows into the log.
#[derive(Clone)]
pub(crate) struct Ingest {
    log: Arc<dyn Log>,
    partitions: u32,
    /// A permit for each KiB of bodies that may be under way.
    room: Arc<Semaphore>,
}

impl Ingest {
    /// Into a log that gives up in time.
    pub(crate) fn new(log: Arc<dyn Log>, partitions: u32) -> Self {
        Self { log, partitions, room: Arc::new(Semaphore::new(INGEST_KIB_MAX)) }
    }

    /// Room for a body of so many bytes; none while too many are under way.
    pub(crate) fn room_for(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1024).max(BODY_KIB_MIN)).ok()?;
        Arc::clone(&self.room).try_acquire_many_owned(kib).ok()
    }

    /// Takes rows in their order and makes blocks of them.
    pub(crate) fn cutter(&self, kind: Kind) -> Cutter {
        Cutter::new(kind, self.partitions, now_ms())
    }

    /// Appends blocks; they are durable when this resolves.
    pub(crate) async fn append(
        &self,
        kind: Kind,
        (blocks, spread): (Blocks, Spread),
    ) -> Result<Receipt, LogError> {
        let places: Vec<_> = blocks.iter().map(|(at, _)| at.partition).collect();
        let appended = match timeout(APPEND_MAX, self.log.append(blocks)).await {
            Ok(appended) => appended?,
            Err(_) => return Err(LogError::Unavailable("it does not answer in time".to_owned())),
        };
        Ok(Receipt::new(
            kind,
            places.into_iter().zip(appended.iter().map(|lies| lies.end)),
            &spread,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_platform::embedded::Embedded;

    #[test]
    fn bodies_under_way_have_a_common_limit() {
        let dir = tempfile::tempdir().unwrap();
        let log = Embedded::open(dir.path(), Some(1)).unwrap();
        let ingest = Ingest::new(Arc::new(log), 1);
        let all = ingest.room_for(INGEST_KIB_MAX * 1024).unwrap();
        assert!(ingest.room_for(1).is_none());
        drop(all);
        // Small ones are not without number either.
        let small: Vec<_> = std::iter::from_fn(|| ingest.room_for(1)).collect();
        assert_eq!(small.len(), INGEST_KIB_MAX / BODY_KIB_MIN);
    }
}
