//! The proof: the batch over the bronze rows that a gold has counted, to be held against that gold.

use goldstream_domain::batch::{Batch, Cut};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::clean::Rules;
use goldstream_domain::codec::CodecError;
use goldstream_domain::gold::compare::{Difference, Differences};
use goldstream_domain::gold::report::Gold;
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::log::{Log, LogError};
use serde::Serialize;
use std::ops::ControlFlow;

/// What the batch says about a gold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it is equal in every value.
    pub equal: bool,
    /// How many rows it has counted.
    pub rows: u64,
    /// In how many rows and counts it is not.
    pub differences: u64,
    /// The first of them.
    pub differing: Vec<Difference>,
}

/// Why there is no verdict.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VerifyError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A record of the log cannot be read.
    #[error("a record of the log cannot be read: {0}")]
    Damaged(#[from] CodecError),
    /// It was ended before it was made.
    #[error("it was ended before it was made")]
    Abandoned,
    /// The log ends before what the gold has counted.
    #[error("{at} ends at {end}, but gold has counted {wanted} records of it", at = at.source_id())]
    LogTooShort {
        /// The partition.
        at: BronzePartition,
        /// Where it ends.
        end: u64,
        /// How far it was counted.
        wanted: u64,
    },
}

impl Verdict {
    /// That of `batch` over `stored`.
    #[must_use]
    pub fn over(stored: &Gold, batch: &Gold) -> Self {
        let Differences { total, first } = Differences::between(stored, batch);
        let rows = stored.accounting.rows();
        Self { equal: total == 0, rows, differences: total, differing: first }
    }
}

/// Computes the batch over bronze up to `cut`. Reads much: not for a thread that answers. `between`
/// is done after each block of records, and may end it.
///
/// # Errors
/// [`VerifyError`].
pub async fn verify(
    cut: Cut,
    log: &dyn Log,
    (partitions, rules): (u32, Rules),
    mut between: impl AsyncFnMut() -> ControlFlow<()>,
) -> Result<Gold, VerifyError> {
    let mut batch = Batch::new(partitions, rules, cut.clone());
    for at in BronzePartition::all(partitions) {
        add_partition(&mut batch, log, (at, needed(&cut, at)), &mut between).await?;
    }
    Ok(batch.finish())
}

/// How much of a partition the cut needs: gold may be ahead of the silver position committed.
/// None is all of it.
fn needed(cut: &Cut, at: BronzePartition) -> Option<u64> {
    let Cut::At { silver, gold } = cut else { return None };
    let marks = gold.iter().filter_map(|marks| marks.get(&at));
    silver.get(&at).into_iter().chain(marks).copied().max()
}

async fn add_partition(
    batch: &mut Batch,
    log: &dyn Log,
    (at, needed): (BronzePartition, Option<u64>),
    between: &mut impl AsyncFnMut() -> ControlFlow<()>,
) -> Result<(), VerifyError> {
    let wanted = needed.unwrap_or(u64::MAX);
    let mut next = 0;
    while next < wanted {
        let Some(fetched) = log.read(at.into(), next).await? else { break };
        for (offset, record) in (fetched.first..).zip(fetched.block.records()) {
            let record = record?;
            if offset >= next && offset < wanted {
                batch.add(at, offset, record.headers, &BronzeRow::decode(record.payload)?);
            }
        }
        next = fetched.first + fetched.block.len();
        if between().await.is_break() {
            return Err(VerifyError::Abandoned);
        }
    }
    match needed {
        Some(wanted) if next < wanted => Err(VerifyError::LogTooShort { at, end: next, wanted }),
        _ => Ok(()),
    }
}
