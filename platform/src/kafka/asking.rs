//! Questions about partitions, and what who answers them knows. It has no thread.

use super::client::{not_made, unavailable};
use super::config;
use super::names::Names;
use super::reachable::Reachable;
use super::settings::KafkaSettings;
use super::skips::Skips;
use crate::limits::RETRY_FIRST;
use crate::log::{Fetched, LogError, TopicPartition};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

pub(super) type Answer<T> = oneshot::Sender<Result<T, LogError>>;
pub(super) type Answered<T> = oneshot::Receiver<Result<T, LogError>>;

/// What stands there?
pub(super) struct Read {
    pub(super) at: TopicPartition,
    pub(super) from: u64,
    pub(super) answer: Answer<Option<Fetched>>,
}

/// Where does it end?
pub(super) struct End {
    pub(super) at: TopicPartition,
    pub(super) answer: Answer<u64>,
}

/// What all threads know.
pub(super) struct Known {
    pub(super) settings: KafkaSettings,
    pub(super) askers: Arc<Askers>,
    pub(super) names: Names,
    pub(super) reachable: Reachable,
    pub(super) skips: Skips,
}

/// Clients for questions about positions: behind an open fetch of one that reads they would wait.
pub(super) struct Askers {
    /// Sees a partition as its readers do: up to its first open transaction.
    pub(super) committed: BaseConsumer,
    /// Sees it to its end.
    pub(super) uncommitted: BaseConsumer,
}

impl Askers {
    pub(super) fn new(settings: &KafkaSettings) -> Result<Self, LogError> {
        let group = group(settings);
        Ok(Self {
            committed: config::fetcher(settings, &group).create().map_err(not_made)?,
            uncommitted: config::asker(settings, &group).create().map_err(not_made)?,
        })
    }
}

/// What clients of none call the group that they never join.
pub(super) fn group(settings: &KafkaSettings) -> String {
    format!("{}-reader", settings.prefix)
}

/// First position and end of a partition, as its broker says.
pub(super) fn range<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    names: &Names,
    at: TopicPartition,
    limit: Duration,
) -> Result<(u64, u64), LogError> {
    let topic = names.topic(at.topic);
    let until = Instant::now() + limit;
    loop {
        match client.fetch_watermarks(topic, at.partition as i32, limit) {
            Ok((first, end)) => return Ok((first.unsigned_abs(), end.unsigned_abs())),
            // A partition that was just made is known before its broker leads it.
            Err(error) if is_settling(&error) && Instant::now() < until => {
                std::thread::sleep(RETRY_FIRST);
            }
            Err(error) => return Err(unavailable(format_args!("{at}: {error}"))),
        }
    }
}

fn is_settling(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(
        code,
        Some(RDKafkaErrorCode::NotLeaderForPartition | RDKafkaErrorCode::LeaderNotAvailable)
    )
}

/// Whether a partition has the position `from`, or ends there.
pub(super) fn check(
    at: TopicPartition,
    from: u64,
    (first, end): (u64, u64),
) -> Result<(), LogError> {
    if from < first {
        let reason = format!(
            "{at} begins at {first}, but {from} is needed: its records must be kept for ever \
             (retention.ms=-1); fold again under a new --prefix"
        );
        return Err(LogError::Damaged(reason));
    }
    if from > end {
        return Err(LogError::ends_before(at, end, from));
    }
    Ok(())
}
