//! What a client of Kafka is told.

use super::properties::KafkaProperties;
use crate::generations::ROWS;

/// Where Kafka is and what is ours there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSettings {
    /// `HOST:PORT,…`
    pub brokers: String,
    /// What else the clients are told: TLS, logins, tuning.
    pub properties: KafkaProperties,
    /// What topics and groups begin with.
    pub prefix: String,
    /// Whose silver and quarantine are meant.
    pub generation: u32,
    /// Copies of each topic when it is made; none takes the broker's default.
    pub replication: Option<u32>,
    /// Copies that must have a record before it is acknowledged; none takes the broker's default.
    pub min_insync: Option<u32>,
}

impl KafkaSettings {
    /// Where nothing is set but this.
    #[must_use]
    pub fn plain(brokers: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            properties: KafkaProperties::default(),
            prefix: prefix.into(),
            generation: ROWS,
            replication: None,
            min_insync: None,
        }
    }
}
