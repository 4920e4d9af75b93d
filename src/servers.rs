//! Arguments that say where Kafka and Redis are and how they are reached. It reads no file and connects to nothing.

use crate::outcome::Usage;
use clap::Args;
use goldstream_platform::kafka::{VARIABLE_PREFIX, is_secret, variable};
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{Given, KafkaGiven, put_nearer};
use std::collections::BTreeMap;
use std::path::PathBuf;

const SERVERS: &str = "On servers";

#[derive(Args)]
pub(crate) struct ServersArgs {
    /// What the names of topics and keys begin with; an embedded store has neither [default: goldstream]
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_PREFIX", value_name = "NAME")]
    prefix: Option<String>,
    /// Kafka, for many processes; together with --redis
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_KAFKA", value_name = "HOST:PORT,…")]
    kafka: Option<String>,
    /// A property of Kafka's clients by librdkafka's name, such as security.protocol=SASL_SSL; sasl.password.file=FILE reads the value from a file. May be repeated, or be a variable: GOLDSTREAM_KAFKA_SECURITY_PROTOCOL
    #[arg(
        long, short = 'X', help_heading = SERVERS,
        global = true,
        value_name = "NAME=VALUE",
        value_parser = property
    )]
    kafka_property: Vec<(String, String)>,
    /// Redis, for many processes; together with --kafka
    #[arg(
        long, help_heading = SERVERS,
        global = true,
        env = "GOLDSTREAM_REDIS",
        value_name = "URL",
        hide_env_values = true
    )]
    redis: Option<String>,
    /// A file with the password of Redis, where the URL has none
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_REDIS_PASSWORD_FILE", value_name = "FILE")]
    redis_password_file: Option<PathBuf>,
    /// A file with the password of the sentinels (redis-sentinel://HOST:PORT,…#MASTER), where they want one
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_REDIS_SENTINEL_PASSWORD_FILE", value_name = "FILE")]
    redis_sentinel_password_file: Option<PathBuf>,
    /// Who may sign the certificate of Redis (rediss://), in PEM form [default: whom the system trusts]
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_REDIS_CA_FILE", value_name = "FILE")]
    redis_ca_file: Option<PathBuf>,
    /// The certificate to show to a Redis that wants one, in PEM form
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_REDIS_CERT_FILE", value_name = "FILE")]
    redis_cert_file: Option<PathBuf>,
    /// The key of that certificate
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_REDIS_KEY_FILE", value_name = "FILE")]
    redis_key_file: Option<PathBuf>,
    /// Copies of each topic, when the topics are made [default: the broker's]
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_REPLICATION", value_name = "N")]
    replication: Option<u32>,
    /// Copies that must have a record before it is acknowledged, when the topics are made [default: the broker's]
    #[arg(long, help_heading = SERVERS, global = true, env = "GOLDSTREAM_MIN_INSYNC", value_name = "N")]
    min_insync: Option<u32>,
    /// End where Kafka or Redis does not answer at the start of a role, instead of waiting for it
    #[arg(
        long, help_heading = SERVERS,
        global = true,
        env = "GOLDSTREAM_FAIL_FAST",
        num_args = 0..=1,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    fail_fast: Option<bool>,
}

impl ServersArgs {
    /// Puts what was given where the settings are made.
    ///
    /// # Errors
    /// Where a secret is an argument. Not said while arguments are parsed, for that shows them.
    pub(crate) fn give(self, given: &mut Given) -> anyhow::Result<()> {
        if let Some((name, _)) = self.kafka_property.iter().find(|(name, _)| is_secret(name)) {
            return Err(Usage(no_argument(name)).into());
        }
        // A variable that is no text is none of ours.
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let properties = properties(environment, self.kafka_property);
        if self.kafka.is_some() || !properties.is_empty() {
            given.kafka = Some(KafkaGiven { brokers: self.kafka, properties });
        }
        given.prefix = self.prefix;
        given.redis = self.redis.map(Secret::new);
        given.redis_password_file = self.redis_password_file;
        given.redis_sentinel_password_file = self.redis_sentinel_password_file;
        given.redis_ca_file = self.redis_ca_file;
        given.redis_cert_file = self.redis_cert_file;
        given.redis_key_file = self.redis_key_file;
        given.replication = self.replication;
        given.min_insync = self.min_insync;
        given.fail_fast = self.fail_fast;
        Ok(())
    }
}

/// `NAME=VALUE`.
fn property(text: &str) -> Result<(String, String), &'static str> {
    let property = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = property.ok_or("give NAME=VALUE, such as security.protocol=SASL_SSL")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn no_argument(name: &str) -> String {
    format!(
        "{name} is no argument, for every user of this machine can read it there: give {name}.file=FILE, or the \
         variable {}",
        variable(name)
    )
}

/// Those of the environment, and before them those of the command line. An empty variable is none.
fn properties(
    environment: impl Iterator<Item = (String, String)>,
    flags: Vec<(String, String)>,
) -> BTreeMap<String, Secret> {
    let mut properties = BTreeMap::new();
    let mut put = |name: String, value: String| {
        put_nearer(&mut properties, name, Secret::new(value));
    };
    for (name, value) in environment.filter(|(_, value)| !value.is_empty()) {
        let Some(name) = name.strip_prefix(VARIABLE_PREFIX) else { continue };
        if !name.is_empty() && !is_of_service(name) {
            put(name.to_lowercase().replace('_', "."), value);
        }
    }
    for (name, value) in flags {
        put(name, value);
    }
    properties
}

/// Whether Kubernetes tells of a Service in a variable that ends so: it gives every pod HOST_SERVICE_HOST, HOST_PORT,
/// HOST_PORT_9092_TCP … of each. No property has such a name.
fn is_of_service(name: &str) -> bool {
    let words: Vec<_> = name.split('_').collect();
    let is_number = |word: &&str| word.parse::<u16>().is_ok();
    words.last() == Some(&"PORT")
        || words.windows(2).any(|pair| match pair {
            ["SERVICE", "HOST" | "PORT"] => true,
            ["PORT", port] => is_number(port),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_comes_before_the_variable_of_its_property() {
        let environment = [
            ("GOLDSTREAM_KAFKA", "k:9092"),
            ("GOLDSTREAM_KAFKA_SASL_USERNAME", "shop"),
            ("GOLDSTREAM_KAFKA_SASL_PASSWORD", "hushhush"),
            ("GOLDSTREAM_KAFKA_LINGER_MS", ""),
            ("GOLDSTREAM_KAFKA_PORT_9092_TCP", "tcp://10.0.0.1:9092"),
            ("GOLDSTREAM_KAFKA_SERVICE_HOST", "10.0.0.1"),
            ("GOLDSTREAM_KAFKA_BOOTSTRAP_SERVICE_PORT_TCP_PLAIN", "9092"),
            ("GOLDSTREAM_KAFKA_BOOTSTRAP_PORT", "tcp://10.0.0.1:9091"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let flag = property("sasl.password.file=/run/secrets/kafka").unwrap();
        let given = properties(environment.into_iter(), vec![flag]);
        let given: Vec<_> = given.iter().map(|(name, value)| (&**name, value.expose())).collect();
        assert_eq!(
            given,
            [("sasl.password.file", "/run/secrets/kafka"), ("sasl.username", "shop")]
        );
    }

    #[test]
    fn a_password_is_no_argument() {
        let refused = no_argument("sasl.password");
        assert!(refused.contains("sasl.password.file"), "{refused}");
        assert!(refused.contains("GOLDSTREAM_KAFKA_SASL_PASSWORD"), "{refused}");
        assert!(property("security.protocol").is_err() && property("=x").is_err());
        let value = property("ssl.cipher.suites=A=B").unwrap().1;
        assert_eq!(value, "A=B");
    }
}
