//! What all users of the client library share: lists of partitions, and what its errors mean.

use super::names::Names;
use crate::log::{LogError, TopicPartition};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// Trouble that may pass.
pub(super) fn unavailable(error: impl std::fmt::Display) -> LogError {
    LogError::Unavailable(error.to_string())
}

/// Whether an error says that brokers do not answer.
pub(super) fn is_connection(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::Resolve
        )
    )
}

/// Notes a call that the client refuses, where nothing else can be done about it.
pub(super) fn log_failure(what: &str, result: Result<(), KafkaError>) {
    if let Err(error) = result {
        tracing::warn!(%error, what, "the client refuses");
    }
}

impl Names {
    /// Partitions, each at a position.
    pub(super) fn list_at(
        &self,
        places: &[(TopicPartition, u64)],
    ) -> Result<TopicPartitionList, LogError> {
        let mut list = TopicPartitionList::with_capacity(places.len());
        for (at, position) in places {
            let offset = Offset::Offset(i64::try_from(*position).unwrap_or(i64::MAX));
            let added =
                list.add_partition_offset(self.topic(at.topic), at.partition as i32, offset);
            added.map_err(unavailable)?;
        }
        Ok(list)
    }

    /// Partitions without a position.
    pub(super) fn list(
        &self,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for at in partitions {
            list.add_partition(self.topic(at.topic), at.partition as i32);
        }
        list
    }
}
