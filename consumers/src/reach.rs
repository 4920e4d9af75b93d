//! How far a generation has come: which rows of bronze are in its gold. It only asks.

use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::log::{BronzeEnds, Log, LogError, Topic, TopicPartition};
use goldstream_platform::store::{ShardId, Store, StoreError};

/// Why it is not known.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReachError {
    /// Of the log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far silver has read each partition of bronze.
///
/// # Errors
/// [`StoreError`]
pub async fn counted(store: &dyn Store, partitions: u32) -> Result<BronzeEnds, StoreError> {
    let mut positions = BronzeEnds::new();
    for at in BronzePartition::all(partitions) {
        positions.insert(at, store.position(ShardId::Silver(at)).await?);
    }
    Ok(positions)
}

/// Whether all rows before these places are in the gold of a generation, which has this log and store.
///
/// # Errors
/// [`ReachError`]
pub async fn has_passed(
    log: &dyn Log,
    store: &dyn Store,
    places: &BronzeEnds,
) -> Result<bool, ReachError> {
    let partitions = (places.len() / 2) as u32;
    let silver = counted(store, partitions).await?;
    if places.iter().any(|(at, place)| silver.get(at).is_none_or(|position| position < place)) {
        return Ok(false);
    }
    if planted::is(Bug::SwitchBeforeGold) {
        return Ok(true);
    }
    // What silver made of them stands on its topic before silver's position does.
    for partition in 0..partitions {
        let end = log.end(TopicPartition::new(Topic::Silver, partition)).await?;
        if store.position(ShardId::Gold(partition)).await? < end {
            return Ok(false);
        }
    }
    Ok(true)
}
