//! What all users of the client library share: lists of partitions, and what its errors mean.

use super::names::Names;
use crate::log::{LogError, TopicPartition};
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::groups::GroupInfo;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::Duration;

/// Trouble that may pass.
pub(super) fn unavailable(error: impl std::fmt::Display) -> LogError {
    LogError::Unavailable(error.to_string())
}

/// What it means that a client cannot be made: its properties do not go together, which no waiting mends.
pub(super) fn not_made(error: KafkaError) -> LogError {
    match error {
        KafkaError::ClientCreation(reason) => {
            LogError::Stopped(format!("Kafka's properties do not go together: {reason}"))
        }
        error => unavailable(error),
    }
}

/// Whether an error says that brokers do not answer, or no more let us in.
pub(super) fn is_connection(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::SSL
        )
    )
}

/// What an error says of rights that are missing, and where those that are needed stand.
pub(super) fn unauthorized(code: RDKafkaErrorCode) -> Option<String> {
    use RDKafkaErrorCode::{
        ClusterAuthorizationFailed, GroupAuthorizationFailed, TopicAuthorizationFailed,
        TransactionalIdAuthorizationFailed,
    };
    let is_of_rights = matches!(
        code,
        ClusterAuthorizationFailed
            | GroupAuthorizationFailed
            | TopicAuthorizationFailed
            | TransactionalIdAuthorizationFailed
    );
    is_of_rights.then(|| {
        format!("Kafka's user lacks a right ({code}): the rights stand in docs/servers.md")
    })
}

/// Notes a call that the client refuses, where nothing else can be done about it.
pub(super) fn log_failure(what: &str, result: Result<(), KafkaError>) {
    if let Err(error) = result {
        tracing::warn!(%error, what, "the client refuses");
    }
}

/// A consumer that a group has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// How the consumer calls itself.
    pub name: String,
    /// From where it came.
    pub host: String,
}

/// Who is a member of a group, asked through any client. Blocks.
pub(super) fn members_of<C: ClientContext>(
    client: &Client<C>,
    group: &str,
    limit: Duration,
) -> KafkaResult<Vec<GroupMember>> {
    let listed = client.fetch_group_list(Some(group), limit)?;
    let of_it = listed.groups().iter().filter(|listed| listed.name() == group);
    let members = of_it.flat_map(GroupInfo::members).map(|member| GroupMember {
        name: name_in(member.id()).to_owned(),
        host: member.client_host().to_owned(),
    });
    Ok(members.collect())
}

/// The name of a static member in the id that its broker made of it, by adding a UUID; else the id.
pub(super) fn name_in(id: &str) -> &str {
    const UUID_LETTERS: usize = 36;
    let name = id.len().checked_sub(UUID_LETTERS + 1).and_then(|end| id.get(..end));
    name.filter(|name| !name.is_empty()).unwrap_or(id)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_called_by_its_own_name() {
        let uuid = "0f0e0d0c-0b0a-0908-0706-050403020100";
        assert_eq!(name_in(&format!("shop-gold-1-{uuid}")), "shop-gold-1");
        assert_eq!((name_in(uuid), name_in("short")), (uuid, "short"));
    }
}
