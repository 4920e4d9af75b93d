//! Why brokers do not answer, as far as a client finds out: one more is made and heard for a moment. It is told to
//! people; nothing depends on it.

use super::config;
use super::settings::KafkaSettings;
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

/// What is found out about brokers that do not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// What is most likely wrong.
    Hint(&'static str),
    /// They are there and refuse, which waiting does not mend: a sentence.
    Denied(String),
}

/// What is wrong, if the client says it. Blocks.
pub(super) fn ask(settings: &KafkaSettings) -> Option<Why> {
    let mut config = config::admin(settings);
    config.set_log_level(RDKafkaLogLevel::Info);
    let client: BaseProducer<Heard> = config.create_with_context(Heard::default()).ok()?;
    let until = Instant::now() + HEAR_WHY_MAX;
    while Instant::now() < until {
        client.poll(LOOK_AGAIN);
        let heard = client.context().0.lock().unwrap_or_else(PoisonError::into_inner);
        let why = heard.iter().find_map(|(code, reason)| why(settings, *code, reason));
        if why.is_some() {
            return why;
        }
        // All were tried, and nothing more is to be heard.
        if heard.iter().any(|(code, _)| *code == Some(RDKafkaErrorCode::AllBrokersDown)) {
            return None;
        }
    }
    None
}

/// By the words of librdkafka, where it has no code.
fn why(settings: &KafkaSettings, code: Option<RDKafkaErrorCode>, reason: &str) -> Option<Why> {
    let of_tls = code == Some(RDKafkaErrorCode::SSL) || reason.contains("SSL routines::");
    match code {
        // The library calls whatever ends a handshake so, also a broker that goes away.
        Some(RDKafkaErrorCode::Authentication) if reason.contains("Local: ") => None,
        Some(RDKafkaErrorCode::Authentication) => Some(Why::Denied(login(settings, reason))),
        // Who goes away amid a handshake may come back: that is a hint, too.
        _ if of_tls => Some(Why::Denied(tls(settings, reason))),
        _ => hint_of(reason).map(Why::Hint),
    }
}

/// Why a login is refused.
fn login(settings: &KafkaSettings, reason: &str) -> String {
    if reason.contains("SASL state") {
        return "the listener wants no login: set security.protocol to SSL or PLAINTEXT".to_owned();
    }
    let mechanism = settings.properties.get("sasl.mechanism").unwrap_or("GSSAPI");
    let user = settings.properties.get("sasl.username").unwrap_or("none");
    if reason.contains("Unsupported SASL mechanism") {
        let theirs = reason.rsplit("supported mechanisms: ").next().unwrap_or_default();
        return format!("no login by {mechanism}: the broker takes {theirs} (sasl.mechanism)");
    }
    format!(
        "the login of user {user} by {mechanism} is refused: see sasl.username, sasl.password.file and sasl.mechanism"
    )
}

/// Why TLS fails.
fn tls(settings: &KafkaSettings, reason: &str) -> String {
    let has = |words: &str| reason.contains(words);
    if has("wrong version number")
        || has("PLAINTEXT broker listener")
        || has("packet length too long")
    {
        return format!(
            "the listener does not speak TLS, but security.protocol is {}: name its TLS listener, or set \
             security.protocol",
            settings.properties.protocol()
        );
    }
    if has("certificate required")
        || has("bad certificate")
        || has("alert number 116")
        || has("alert number 42")
    {
        return "the broker wants a certificate of its clients, and one that it trusts: see ssl.certificate.location \
                and ssl.key.location"
            .to_owned();
    }
    if has("certificate verify failed") {
        return "the broker's certificate is not trusted: ssl.ca.location must name who signed it, and it must be one \
                of the host that --kafka names"
            .to_owned();
    }
    format!("TLS fails: {reason}")
}

/// What may be wrong where nothing is refused in so many words.
fn hint_of(reason: &str) -> Option<&'static str> {
    let has = |words: &str| reason.contains(words);
    let hangs_up = |state: &str| has("Disconnected") && has(&format!("in state {state})"));
    if has("SSL handshake failed: Disconnected") {
        return Some(
            "somebody is there and does not speak TLS, though security.protocol says so: name a TLS listener, or set \
             security.protocol to PLAINTEXT or SASL_PLAINTEXT",
        );
    }
    // The first bytes of a TLS alert, read as the length of an answer.
    if has("SSL listener") || has("Invalid response size 35251") || hangs_up("APIVERSION_QUERY") {
        return Some(
            "somebody is there and hangs up at once, as a listener for TLS does: set security.protocol to SSL or \
             SASL_SSL (docs/servers.md), or name a PLAINTEXT listener",
        );
    }
    if has("require SASL authentication") || hangs_up("UP") {
        return Some(
            "somebody is there and hangs up, as a listener that wants a login does: set security.protocol to SASL_SSL \
             or SASL_PLAINTEXT, and sasl.mechanism, sasl.username and sasl.password.file (docs/servers.md)",
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
                "sasl_ssl://127.0.0.1:9092/bootstrap: SSL handshake failed: Disconnected: SSL connection closed by peer: \
                 connecting to a PLAINTEXT broker listener? (after 0ms in state SSL_HANDSHAKE)",
                "does not speak TLS",
            ),
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
    fn what_refuses_is_told_from_what_is_away() {
        let settings = KafkaSettings::plain("127.0.0.1:9093", "why");
        let denied = |code, reason: &str| match why(&settings, code, reason) {
            Some(Why::Denied(sentence)) => sentence,
            other => panic!("{reason}: {other:?}"),
        };
        let refused = "sasl_ssl://127.0.0.1:9093/bootstrap: SASL authentication error: Authentication failed during \
                       authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512";
        let code = Some(RDKafkaErrorCode::Authentication);
        assert!(denied(code, refused).contains("sasl.password.file"));
        let other = "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's \
                     supported mechanisms: PLAIN,OAUTHBEARER";
        assert!(denied(code, other).contains("takes PLAIN,OAUTHBEARER"));
        let going =
            "SASL SCRAM-SHA-512 mechanism handshake failed: Local: Broker transport failure";
        assert_eq!(why(&settings, code, going), None, "it is waited for");
        let certificate = "ssl://127.0.0.1:9093/bootstrap: Receive failed: error:0A000412:SSL routines::sslv3 alert \
                           bad certificate: SSL alert number 42 (after 0ms in state APIVERSION_QUERY)";
        assert!(denied(None, certificate).contains("ssl.certificate.location"));
        let untrusted =
            "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed";
        assert!(denied(Some(RDKafkaErrorCode::SSL), untrusted).contains("ssl.ca.location"));
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_from_a_server_that_is_not_there() {
        let of = |brokers: &str| ask(&KafkaSettings::plain(brokers, "why"));
        let hint = of("no-such-host.invalid:9092");
        assert!(matches!(&hint, Some(Why::Hint(hint)) if hint.contains("no address")), "{hint:?}");
        assert_eq!(of("127.0.0.1:1"), None);
    }
}
