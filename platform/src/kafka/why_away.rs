//! Why brokers do not answer, as far as a client finds out: one more is made and heard for a moment. It is told to
//! people; nothing depends on it.

use super::KafkaSettings;
use super::config;
use crate::limits::HEAR_WHY_MAX;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the client says is looked at so often.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What a client said of its connections.
#[derive(Default)]
struct Heard(Mutex<Vec<(Option<RDKafkaErrorCode>, String)>>);

impl Heard {
    fn hear(&self, code: Option<RDKafkaErrorCode>, reason: &str) {
        tracing::debug!(reason, "why Kafka does not answer");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((code, reason.to_owned()));
    }
}

impl ClientContext for Heard {
    // Who hangs up is no error to it, and only logged.
    fn log(&self, _: RDKafkaLogLevel, _: &str, reason: &str) {
        self.hear(None, reason);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.hear(error.rdkafka_error_code(), reason);
    }
}

impl ProducerContext for Heard {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

/// What is most likely wrong, in a sentence. Blocks.
pub(super) fn hint(settings: &KafkaSettings) -> Option<&'static str> {
    let mut config = config::admin(settings);
    config.set_log_level(RDKafkaLogLevel::Info);
    let client: BaseProducer<Heard> = config.create_with_context(Heard::default()).ok()?;
    let until = Instant::now() + HEAR_WHY_MAX;
    while Instant::now() < until {
        client.poll(LOOK_AGAIN);
        let heard = client.context().0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hint) = heard.iter().find_map(|(_, reason)| hint_of(reason)) {
            return Some(hint);
        }
        // All were tried, and nothing more is to be heard.
        if heard.iter().any(|(code, _)| *code == Some(RDKafkaErrorCode::AllBrokersDown)) {
            return None;
        }
    }
    None
}

/// By the words of librdkafka, which has no code for them.
fn hint_of(reason: &str) -> Option<&'static str> {
    let has = |words: &str| reason.contains(words);
    let hangs_up = |state: &str| has("Disconnected") && has(&format!("in state {state})"));
    // The first bytes of a TLS alert, read as the length of an answer.
    if has("SSL listener") || has("Invalid response size 35251") || hangs_up("APIVERSION_QUERY") {
        return Some(
            "somebody is there and hangs up at once, as a listener for TLS (SSL or SASL_SSL) does: TLS is not \
             built into this version; name a PLAINTEXT listener",
        );
    }
    if has("require SASL authentication") || hangs_up("UP") {
        return Some(
            "somebody is there and hangs up, as a listener that wants a password (SASL_PLAINTEXT) does: SASL is \
             not built into this version; name a PLAINTEXT listener",
        );
    }
    has("Failed to resolve").then_some(
        "no address is known under that name; names are looked up as IPv4 only, an IPv6 address is given as \
         [::1]:9092",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_librdkafka_guesses_is_said_in_our_words() {
        for (reason, word) in [
            (
                "127.0.0.1:9093/bootstrap: Disconnected: requesting ApiVersion: might be caused by incorrect \
                 security.protocol configuration (connecting to a SSL listener?) or broker version is < 0.10",
                "TLS",
            ),
            (
                "127.0.0.1:9093/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN \
                 (after 0ms in state APIVERSION_QUERY)",
                "TLS",
            ),
            (
                "127.0.0.1:9094/1: Disconnected: connection closed by peer: receive 0 after POLLIN (after 3ms \
                 in state UP)",
                "SASL_PLAINTEXT",
            ),
            ("127.0.0.1:9093/bootstrap: Receive failed: Invalid response size 352518912", "TLS"),
            (
                "127.0.0.1:9094/1: Disconnected: verify that security.protocol is correctly configured, broker \
                 might require SASL authentication",
                "SASL_PLAINTEXT",
            ),
            ("nowhere:9092/bootstrap: Failed to resolve 'nowhere:9092'", "IPv6"),
        ] {
            assert!(hint_of(reason).unwrap().contains(word), "{reason}");
        }
        let refused = "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after \
                       0ms in state CONNECT)";
        assert_eq!(hint_of(refused), None);
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_from_a_server_that_is_not_there() {
        let of = |brokers: &str| KafkaSettings {
            brokers: brokers.to_owned(),
            prefix: "why".to_owned(),
            generation: 0,
            replication: None,
            min_insync: None,
        };
        assert!(hint(&of("no-such-host.invalid:9092")).unwrap().contains("no address"));
        assert_eq!(hint(&of("127.0.0.1:1")), None);
    }
}
