//! Where Kafka and Redis are, and with which secrets. Files that are named are read here, and nobody is
//! shown what stands in them.

use super::error::SettingsError;
use super::given::Given;
use super::kafka::{self, KafkaAccess};
use super::secret_file::secret_of;
use crate::secret::Secret;
use std::path::{Path, PathBuf};

/// Where log and store are, if not in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Servers {
    /// How Kafka is reached.
    pub kafka: KafkaAccess,
    /// How Redis is reached.
    pub redis: RedisSettings,
}

/// How Redis is reached. No password is in what this shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// Its URL, which may hold a password.
    pub url: Secret,
    /// The password, where the URL holds none.
    pub password: Option<Secret>,
    /// The password of the sentinels, where they want one.
    pub sentinel_password: Option<Secret>,
    /// Certificates in PEM form of who may sign that of Redis; none takes the system's.
    pub ca: Option<String>,
    /// What is shown to a Redis that wants a certificate.
    pub client: Option<ClientCertificate>,
}

/// A certificate and its key, in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// Shown to the server.
    pub certificate: String,
    /// Shown to nobody.
    pub key: Secret,
}

impl From<&str> for RedisSettings {
    fn from(url: &str) -> Self {
        let url = Secret::new(url);
        Self { url, password: None, sentinel_password: None, ca: None, client: None }
    }
}

/// What a flag, a variable or the file says of servers.
pub(super) fn resolve(given: &Given, file: &Given) -> Result<Option<Servers>, SettingsError> {
    let kafka = kafka::resolve(given.kafka.as_ref(), file.kafka.as_ref())?;
    match (kafka, given.redis.clone().or_else(|| file.redis.clone())) {
        (Some(kafka), Some(url)) => Ok(Some(Servers { kafka, redis: redis(url, given, file)? })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingsError::OneServer { given: "--kafka", missing: "--redis" }),
        (None, Some(_)) => Err(SettingsError::OneServer { given: "--redis", missing: "--kafka" }),
    }
}

fn redis(url: Secret, given: &Given, file: &Given) -> Result<RedisSettings, SettingsError> {
    let named = |path: fn(&Given) -> &Option<PathBuf>| path(given).as_ref().or(path(file).as_ref());
    let sentinel = named(|it| &it.redis_sentinel_password_file);
    let of_sentinel = |path: &PathBuf| password("--redis-sentinel-password-file", path);
    let sentinel_password = sentinel.map(of_sentinel).transpose()?;
    let of_redis = |path: &PathBuf| password("--redis-password-file", path);
    let password = named(|it| &it.redis_password_file).map(of_redis).transpose()?;
    let of_ca = |path: &PathBuf| text("--redis-ca-file", path);
    let ca = named(|it| &it.redis_ca_file).map(of_ca).transpose()?;
    let (certificate, key) = (named(|it| &it.redis_cert_file), named(|it| &it.redis_key_file));
    let client = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let certificate = text("--redis-cert-file", certificate)?;
            Some(ClientCertificate { certificate, key: secret_of("--redis-key-file", key)? })
        }
        (None, None) => None,
        (Some(_), None) => return Err(half("--redis-cert-file", "--redis-key-file")),
        (None, Some(_)) => return Err(half("--redis-key-file", "--redis-cert-file")),
    };
    // Whoever names certificates believes that nobody listens.
    if (ca.is_some() || client.is_some()) && !url.expose().starts_with("rediss") {
        return Err(SettingsError::NoTls);
    }
    Ok(RedisSettings { url, password, sentinel_password, ca, client })
}

fn half(given: &'static str, missing: &'static str) -> SettingsError {
    SettingsError::Half { given, missing }
}

fn password(setting: &str, path: &Path) -> Result<Secret, SettingsError> {
    let password = secret_of(setting, path)?;
    if password.expose().is_empty() {
        return Err(SettingsError::EmptySecret(path.to_owned()));
    }
    Ok(password)
}

fn text(setting: &str, path: &Path) -> Result<String, SettingsError> {
    secret_of(setting, path).map(|text| text.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{KafkaGiven, Settings};
    use super::*;

    fn on(redis: &str) -> Given {
        let kafka = KafkaGiven { brokers: Some("k:9092".to_owned()), ..KafkaGiven::default() };
        let redis = Some(Secret::new(redis));
        Given { kafka: Some(kafka), redis, ..Given::default() }
    }

    fn redis_of(given: Given) -> Result<RedisSettings, SettingsError> {
        Settings::resolve(given, None).map(|settings| settings.servers.unwrap().redis)
    }

    #[test]
    fn servers_are_given_together_and_their_password_is_not_shown() {
        let one = Given { redis: None, ..on("") };
        let error = Settings::resolve(one, None).unwrap_err().to_string();
        assert!(error.contains("--kafka") && error.contains("--redis"), "{error}");
        let two = on("redis://:hushhush@r");
        assert!(!format!("{two:?}").contains("hushhush"));
        let redis = redis_of(two).unwrap();
        assert!(redis.url.expose().contains("hushhush") && !format!("{redis:?}").contains("hush"));
    }

    #[test]
    fn a_password_may_stand_in_a_file_and_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        let given = || Given { redis_password_file: Some(path.clone()), ..on("redis://u@r") };
        std::fs::write(&path, "hushhush\n").unwrap();
        let redis = redis_of(given()).unwrap();
        assert_eq!(redis.password.as_ref().unwrap().expose(), "hushhush");
        assert!(!format!("{redis:?}").contains("hushhush"));
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(redis_of(given()), Err(SettingsError::EmptySecret(_))));
        std::fs::remove_file(&path).unwrap();
        let missing = redis_of(given()).unwrap_err().to_string();
        assert!(missing.contains("which --redis-password-file names"), "{missing}");
    }

    #[test]
    fn certificates_are_for_tls_and_have_a_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pem");
        std::fs::write(&path, "hushhush").unwrap();
        let ca = |url| Given { redis_ca_file: Some(path.clone()), ..on(url) };
        assert!(redis_of(ca("rediss://r")).is_ok());
        assert!(matches!(redis_of(ca("redis://r")), Err(SettingsError::NoTls)));
        let half = Given { redis_cert_file: Some(path.clone()), ..on("rediss://r") };
        assert!(matches!(redis_of(half.clone()), Err(SettingsError::Half { .. })));
        let whole = Given { redis_key_file: Some(path.clone()), ..half };
        let client = redis_of(whole).unwrap().client.unwrap();
        assert!(!format!("{:?}", client.key).contains("hushhush"));
    }
}
