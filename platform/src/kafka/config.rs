//! Settings of the Kafka clients, each with its reason. Nothing here connects.

use super::settings::KafkaSettings;
use super::sizes::{Packing, RECORD_BYTES_MAX};
use crate::limits::{
    BATCH_RECORDS_MAX, FETCH_QUEUE_KIB_MAX, FETCH_WAIT_MAX, READ_WAIT_MAX, READERS, REVOKE_MAX,
    SESSION_MAX, SOCKET_MAX,
};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use std::time::Duration;

/// How a client calls itself where nothing else is set.
const CLIENT_ID: &str = "goldstream";

/// How a consumer is called in a group where it has no name of its own.
pub(super) fn client_id(settings: &KafkaSettings) -> &str {
    settings.properties.get("client.id").unwrap_or(CLIENT_ID)
}

/// What all clients have in common. What was given is put in by each, behind its own.
fn client(settings: &KafkaSettings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.brokers)
        .set("client.id", client_id(settings))
        .set("socket.timeout.ms", millis(SOCKET_MAX))
        .set("socket.nagle.disable", "true")
        .set("broker.address.family", family(&settings.brokers))
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        // Topics are made by us, with their settings.
        .set("allow.auto.create.topics", "false")
        .set_log_level(RDKafkaLogLevel::Emerg);
    config
}

/// Who connects to "localhost" finds brokers that listen on 127.0.0.1 only, so names are looked up as IPv4. An
/// IPv6 address, `[::1]:9092`, is taken as it is.
fn family(brokers: &str) -> &'static str {
    if brokers.contains('[') { "any" } else { "v4" }
}

/// For making and looking at topics.
pub(super) fn admin(settings: &KafkaSettings) -> ClientConfig {
    let mut config = client(settings);
    settings.properties.apply(&mut config);
    config
}

/// How long a producer goes on trying to deliver a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// For ever: stages and files lose nothing and wait for the broker.
    Endless,
    /// So long: somebody waits for the answer.
    Until(Duration),
}

pub(super) fn producer(settings: &KafkaSettings, patience: Patience) -> ClientConfig {
    let timeout_ms = match patience {
        Patience::Endless => "0".to_owned(),
        Patience::Until(limit) => millis(limit),
    };
    let mut config = client(settings);
    config
        // Acknowledged by all in-sync replicas, in order, each once.
        .set("enable.idempotence", "true")
        .set("message.timeout.ms", timeout_ms)
        .set("message.max.bytes", RECORD_BYTES_MAX.to_string())
        // A hop more of waiting for one purchase; a tenth of the work of producing where many come.
        .set("linger.ms", "5")
        // A full batch goes without that, in one request.
        .set("batch.num.messages", BATCH_RECORDS_MAX.to_string())
        // What may wait is limited by who appends: blocks in flight and rows not committed.
        .set("queue.buffering.max.messages", "0")
        .set("queue.buffering.max.kbytes", "1048576");
    settings.properties.apply(&mut config);
    config
}

/// Makes a producer send batches that topics take.
pub(super) fn fit(config: &mut ClientConfig, batch_bytes: usize, packing: Packing) {
    config.set("batch.size", batch_bytes.to_string());
    // Properties that were given have one name each.
    if packing == Packing::Packed && config.get("compression.type").is_none() {
        config.set("compression.type", "zstd");
    }
}

/// For reading given partitions from given positions, in no group.
pub(super) fn fetcher(settings: &KafkaSettings, group: &str) -> ClientConfig {
    let mut config = client(settings);
    config
        // Never joined: the client wants a name before it reads at all.
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // A position that the log has not is an error, never another position.
        .set("auto.offset.reset", "error")
        .set("isolation.level", "read_committed")
        .set("check.crcs", "true")
        // An open fetch holds newly assigned partitions up so long.
        .set("fetch.wait.max.ms", millis(FETCH_WAIT_MAX))
        .set("fetch.queue.backoff.ms", "5")
        .set("fetch.error.backoff.ms", "100")
        .set("fetch.message.max.bytes", RECORD_BYTES_MAX.to_string())
        .set("queued.min.messages", "20000")
        .set("queued.max.messages.kbytes", FETCH_QUEUE_KIB_MAX.to_string());
    settings.properties.apply(&mut config);
    config
}

/// For questions about where partitions end, whoever has a transaction open there.
pub(super) fn asker(settings: &KafkaSettings, group: &str) -> ClientConfig {
    let mut config = fetcher(settings, group);
    config.set("isolation.level", "read_uncommitted");
    config
}

/// For one-off reads, which must know where a partition ends.
pub(super) fn reader(settings: &KafkaSettings, group: &str) -> ClientConfig {
    let mut config = fetcher(settings, group);
    config
        .set("enable.partition.eof", "true")
        // Each read of another partition waits for the open fetch of the one before.
        .set("fetch.wait.max.ms", millis(READ_WAIT_MAX))
        // Several read at a time, and what they have before them is mostly not wanted.
        .set("queued.max.messages.kbytes", (FETCH_QUEUE_KIB_MAX / READERS).to_string());
    // Whoever sets it knows his broker.
    settings.properties.apply(&mut config);
    config
}

/// For membership of a group: assignment only.
pub(super) fn member(
    settings: &KafkaSettings,
    group: &str,
    instance: Option<&str>,
) -> ClientConfig {
    let mut config = fetcher(settings, group);
    config
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", millis(SESSION_MAX))
        .set("heartbeat.interval.ms", millis(SESSION_MAX / 20))
        // Also how long a rebalance waits for members that hand partitions over.
        .set("max.poll.interval.ms", millis(SESSION_MAX + 2 * REVOKE_MAX));
    if let Some(instance) = instance {
        config.set("group.instance.id", instance);
    }
    config
}

fn millis(time: Duration) -> String {
    time.as_millis().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_is_taken_and_names_are_looked_up_as_ipv4() {
        let of = |brokers: &str| {
            let settings = KafkaSettings::plain(brokers, "family");
            admin(&settings).get("broker.address.family").map(str::to_owned)
        };
        assert_eq!(of("localhost:9092").as_deref(), Some("v4"));
        assert_eq!(of("[::1]:9092,127.0.0.1:9092").as_deref(), Some("any"));
    }
}
