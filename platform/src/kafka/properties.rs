//! Properties of the Kafka clients in librdkafka's own names, as a person gives them: which may be given, and
//! whether the library takes them. Nothing here connects, and no value is shown.

use crate::secret::Secret;
use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use std::collections::BTreeMap;

/// Properties that were looked at. Their values may be secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KafkaProperties(BTreeMap<String, Secret>);

/// Why a property cannot be given.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PropertyError {
    /// The laws fix it.
    #[error("kafka property {name:?} cannot be set: {reason}")]
    Fixed {
        /// Its name.
        name: String,
        /// What fixes it.
        reason: &'static str,
    },
    /// librdkafka does not know it, or not this value.
    #[error(
        "kafka property {name:?}: {reason} (it is given by -X, in [kafka] or as {}; names and values are those of \
         librdkafka's CONFIGURATION.md)",
        variable(name)
    )]
    Invalid {
        /// Its name.
        name: String,
        /// What the library says.
        reason: String,
    },
    /// It needs OpenSSL.
    #[error(
        "kafka property {name:?} needs TLS, which is not built into this goldstream: install OpenSSL's headers \
         (apt-get install libssl-dev pkg-config) and build it again by make, or by cargo build --features kafka-tls"
    )]
    NotBuilt {
        /// Its name.
        name: String,
    },
}

/// With what the variable of a property begins: the rest is its name, in capitals and with `_` for dots.
pub const VARIABLE_PREFIX: &str = "GOLDSTREAM_KAFKA_";

/// The variable of a property.
#[must_use]
pub fn variable(name: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", name.replace('.', "_").to_uppercase())
}

const ACKNOWLEDGED: &str = "a row counts once all in-sync copies have it, in its order and once";
const ENDLESS: &str = "rows wait for the broker for as long as it takes and are never given up";
const BOUNDED: &str = "goldstream itself limits what waits to be sent";
const LONGEST: &str = "the longest row must fit";
const ASSIGNS: &str = "the group only assigns partitions; where to read on is told by the store";
const GROUP: &str = "groups are named by --prefix, and their members hand partitions over by goldstream's own timing";

/// What goldstream's laws fix, with the reason.
const FIXED: [(&str, &str); 35] = [
    ("acks", ACKNOWLEDGED),
    ("request.required.acks", ACKNOWLEDGED),
    ("enable.idempotence", ACKNOWLEDGED),
    ("max.in.flight", ACKNOWLEDGED),
    ("max.in.flight.requests.per.connection", ACKNOWLEDGED),
    ("transactional.id", ACKNOWLEDGED),
    ("message.timeout.ms", ENDLESS),
    ("delivery.timeout.ms", ENDLESS),
    ("message.send.max.retries", ENDLESS),
    ("retries", ENDLESS),
    ("queue.buffering.max.messages", BOUNDED),
    ("queue.buffering.max.kbytes", BOUNDED),
    ("batch.size", "a batch must fit into its topic, which is asked for its max.message.bytes"),
    ("message.max.bytes", LONGEST),
    ("fetch.message.max.bytes", LONGEST),
    ("max.partition.fetch.bytes", LONGEST),
    ("partitioner", "a row's partition follows from its key by murmur2, in every process"),
    ("allow.auto.create.topics", "topics are made with the settings that exact replay needs"),
    (
        "auto.offset.reset",
        "a position that the log does not have is an error, never another position",
    ),
    ("isolation.level", "what an aborted transaction wrote is not read"),
    ("check.crcs", "a damaged record is an error, never a row"),
    ("enable.partition.eof", "where a partition ends is asked for by goldstream"),
    ("enable.auto.commit", ASSIGNS),
    ("auto.commit.enable", ASSIGNS),
    ("auto.commit.interval.ms", ASSIGNS),
    ("enable.auto.offset.store", ASSIGNS),
    ("group.id", GROUP),
    ("group.protocol", GROUP),
    ("partition.assignment.strategy", GROUP),
    ("session.timeout.ms", GROUP),
    ("heartbeat.interval.ms", GROUP),
    ("max.poll.interval.ms", GROUP),
    ("group.instance.id", "it is given by --instance"),
    ("bootstrap.servers", "it is given by --kafka"),
    ("metadata.broker.list", "it is given by --kafka"),
];

/// What an argument must not hold, for every user of a machine sees the arguments of its processes.
const SECRETS: [&str; 9] = [
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.private.key.pem",
    "sasl.oauthbearer.config",
];

/// Names that the library has for a property that it calls otherwise.
const ALIASES: [(&str, &str); 3] = [
    ("sasl.mechanisms", "sasl.mechanism"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("compression.codec", "compression.type"),
];

/// The one name by which a property is known here.
#[must_use]
pub fn canonical(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, known)| known)
}

/// Whether a property is one that is kept from others.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

impl KafkaProperties {
    /// Properties by name, each looked at.
    ///
    /// # Errors
    /// [`PropertyError`], of the first that cannot be given.
    pub fn checked(properties: BTreeMap<String, Secret>) -> Result<Self, PropertyError> {
        for (name, value) in &properties {
            check(name, value)?;
        }
        let named = |(name, value): (String, Secret)| (canonical(&name).to_owned(), value);
        Ok(Self(properties.into_iter().map(named).collect()))
    }

    /// Puts them into the settings of a client, in the place of its own.
    pub(super) fn apply(&self, config: &mut ClientConfig) {
        for (name, value) in &self.0 {
            config.set(name, value.expose());
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::expose)
    }

    /// How connections are secured, in the words of `security.protocol`.
    pub(super) fn protocol(&self) -> String {
        self.get("security.protocol").unwrap_or("plaintext").to_uppercase()
    }
}

fn check(name: &str, value: &Secret) -> Result<(), PropertyError> {
    if let Some((_, reason)) = FIXED.iter().find(|(fixed, _)| *fixed == name) {
        return Err(PropertyError::Fixed { name: name.to_owned(), reason });
    }
    let mut alone = ClientConfig::new();
    alone.set(name, value.expose());
    let Err(error) = alone.create_native_config() else { return Ok(()) };
    let reason = match error {
        KafkaError::ClientConfig(_, reason, ..) => reason,
        error => error.to_string(),
    };
    if reason.contains("OpenSSL not available") && !cfg!(feature = "kafka-tls") {
        return Err(PropertyError::NotBuilt { name: name.to_owned() });
    }
    // The library may repeat the value, and nobody is to read a password there.
    let reason = match is_secret(name) && !value.expose().is_empty() {
        true => reason.replace(value.expose(), "…"),
        false => reason,
    };
    Err(PropertyError::Invalid { name: name.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, value: &str) -> Result<KafkaProperties, PropertyError> {
        KafkaProperties::checked([(name.to_owned(), Secret::new(value))].into())
    }

    #[test]
    fn what_librdkafka_knows_is_passed_on() {
        for (name, value) in [
            ("sasl.mechanism", "PLAIN"),
            ("sasl.username", "shop"),
            ("socket.keepalive.enable", "true"),
            ("linger.ms", "20"),
            ("client.id", "my-shop"),
        ] {
            let mut config = ClientConfig::new();
            checked(name, value).unwrap().apply(&mut config);
            assert_eq!(config.get(name), Some(value));
        }
    }

    #[test]
    fn what_it_does_not_know_is_refused_by_name() {
        let error = checked("sasl.pasword", "hushhush").unwrap_err().to_string();
        assert!(error.contains("\"sasl.pasword\"") && !error.contains("hushhush"), "{error}");
        let error = checked("linger.ms", "soon").unwrap_err().to_string();
        assert!(error.contains("\"linger.ms\"") && error.contains("Invalid value"), "{error}");
    }

    #[test]
    fn what_the_laws_fix_is_refused_with_the_reason() {
        for (name, _) in FIXED {
            let refused = checked(name, "1");
            assert!(matches!(refused, Err(PropertyError::Fixed { .. })), "{name}");
        }
        let error = checked("acks", "1").unwrap_err().to_string();
        assert!(error.contains("all in-sync copies"), "{error}");
    }

    #[test]
    fn a_property_has_one_name_here_which_the_library_knows_too() {
        for (alias, name) in ALIASES {
            let properties = checked(alias, if name == "linger.ms" { "7" } else { "none" });
            let properties = properties.or_else(|_| checked(alias, "PLAIN")).unwrap();
            assert!(properties.get(name).is_some(), "{alias}");
            let value = properties.get(name).unwrap().to_owned();
            assert!(checked(name, &value).is_ok(), "{name}");
        }
    }

    /// Each fixed name is one that the library has: a misspelt one would let the true one through.
    #[test]
    fn every_fixed_name_is_one_of_the_library() {
        for (name, _) in FIXED {
            let mut config = ClientConfig::new();
            config.set(name, "\u{1}");
            let reason = config.create_native_config().err().map(|error| error.to_string());
            assert!(!reason.unwrap_or_default().contains("No such"), "{name}");
        }
    }

    #[test]
    fn no_value_is_shown() {
        let properties = checked("sasl.password", "hushhush").unwrap();
        assert!(!format!("{properties:?}").contains("hushhush"));
    }

    #[test]
    fn tls_is_there_or_told_to_be_missing() {
        let asked = checked("security.protocol", "SASL_SSL");
        match cfg!(feature = "kafka-tls") {
            true => assert_eq!(asked.unwrap().protocol(), "SASL_SSL"),
            false => assert!(matches!(asked, Err(PropertyError::NotBuilt { .. }))),
        }
    }
}
