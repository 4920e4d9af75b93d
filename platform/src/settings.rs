//! Settings: flag > environment > `goldstream.toml` > default.
//!
//! Flags and environment are read by the command line; here the file is read and the three are
//! put together. Nothing else reads settings.

mod alerts;
mod bounds;
mod copies;
mod currency;
mod error;
mod given;
mod kafka;
mod lake;
mod listen;
mod mail;
mod otlp;
mod report;
mod secret_file;
mod servers;
mod token;

use crate::secret::Secret;
pub use alerts::{AlertsSettings, AlertsTable, Receiver, Shape};
use bounds::{PARTITIONS_MAX, PREFIX_CHARS_MAX};
pub use currency::{Currency, NoCurrency};
pub use error::SettingsError;
pub use given::Given;
pub use kafka::{KafkaAccess, KafkaGiven, put_nearer};
pub use lake::{LakeSettings, LakeTable};
pub use listen::listen_address;
pub use mail::{Encryption, MailSettings, MailTable};
pub use otlp::OtlpSettings;
pub use report::{ReportSettings, ReportTable};
pub use servers::{ClientCertificate, RedisSettings, Servers};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file that is read where none is named.
const FILE_DEFAULT: &str = "goldstream.toml";
const DATA_DIR_DEFAULT: &str = "goldstream-data";
const PREFIX_DEFAULT: &str = "goldstream";
const LISTEN_DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file that was read; none where there is none.
    pub file: Option<PathBuf>,
    /// Where the embedded store is.
    pub data_dir: PathBuf,
    /// Number of partitions wanted; none takes what the store has.
    pub partitions: Option<u32>,
    /// What topics and keys begin with.
    pub prefix: String,
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Rows a second, as it was given.
    pub rate: Option<String>,
    /// Kafka and Redis; none where log and store are the file in `data_dir`.
    pub servers: Option<Servers>,
    /// Name of this consumer; none takes the lowest free one of the host.
    pub instance: Option<String>,
    /// Copies of each topic when it is made; none takes the broker's default.
    pub replication: Option<u32>,
    /// Copies that must have a record before it is acknowledged; none takes the broker's default.
    pub min_insync: Option<u32>,
    /// Origins whose pages may ask the API beside its own: `https://shop.example`.
    pub allowed_origins: Vec<String>,
    /// The goldstream to watch; none is the one that holds `data_dir`.
    pub url: Option<String>,
    /// What who asks the API must know; none lets everybody ask who can reach it.
    pub token: Option<Secret>,
    /// Whether everybody may, too, where it listens beyond loopback.
    pub insecure_listen: bool,
    /// Where a role without an API answers to who watches over it; none answers nowhere.
    pub metrics: Option<SocketAddr>,
    /// Where traces are sent, and of how many rows; none traces nothing.
    pub otlp: Option<OtlpSettings>,
    /// Whether a role ends where a server does not answer at its start; else it waits.
    pub fail_fast: bool,
    /// Share of one core for proofs in idle time; none is the command's own.
    pub audit_cpu_percent: Option<u32>,
    /// How many days a purchase may lie ahead of its ingestion; none takes what the store has.
    pub future_days: Option<u32>,
    /// What the amounts are in, for people.
    pub currency: Currency,
    /// The file that says that a process lives; none says it nowhere.
    pub heartbeat: Option<PathBuf>,
    /// How mail is sent; none sends none.
    pub mail: Option<MailSettings>,
    /// Who is told what; none tells nobody.
    pub alerts: Option<AlertsSettings>,
    /// Who is sent the report, and when; none sends it to nobody.
    pub report: Option<ReportSettings>,
    /// Where rows are kept as Parquet; none keeps them nowhere.
    pub lake: Option<LakeSettings>,
}

impl Settings {
    /// Puts what was given on the command line or in the environment before the file's.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn resolve(given: Given, config: Option<&Path>) -> Result<Self, SettingsError> {
        let Some((path, file)) = read_file(config)? else {
            return Self::put_together(given, Given::default());
        };
        match Self::put_together(given, file) {
            Ok(settings) => Ok(Self { file: Some(path), ..settings }),
            Err(error) => Err(SettingsError::WithFile { error: Box::new(error), path }),
        }
    }

    fn put_together(given: Given, file: Given) -> Result<Self, SettingsError> {
        let servers = servers::resolve(&given, &file)?;
        let mail = file.mail.as_ref().map(mail::resolve).transpose()?;
        let alerts = alerts::resolve(file.alerts.as_ref(), mail.as_ref())?;
        let report = report::resolve(file.report.as_ref(), mail.as_ref())?;
        let lake = lake::resolve(given.lake.as_deref(), file.lake_table.as_ref())?;
        let otlp = otlp::resolve(&given, &file)?;
        let (replication, min_insync) = copies::resolve(&given, &file)?;
        let partitions = given.partitions.or(file.partitions);
        if let Some(count) = partitions
            && !(1..=PARTITIONS_MAX).contains(&count)
        {
            return Err(SettingsError::Partitions(count));
        }
        let prefix = given.prefix.or(file.prefix).unwrap_or_else(|| PREFIX_DEFAULT.to_owned());
        let legal = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if !(1..=PREFIX_CHARS_MAX).contains(&prefix.len()) || !prefix.chars().all(legal) {
            return Err(SettingsError::Prefix(prefix));
        }
        let allowed_origins = given.allowed_origins.or(file.allowed_origins).unwrap_or_default();
        if let Some(odd) = allowed_origins.iter().find(|origin| !is_origin(origin)) {
            return Err(SettingsError::Origin(odd.clone()));
        }
        let file_of_token = given.token_file.or(file.token_file);
        let token = token::resolve(given.token.or(file.token), file_of_token.as_deref())?;
        Ok(Self {
            file: None,
            token,
            mail,
            alerts,
            report,
            lake,
            otlp,
            insecure_listen: given.insecure_listen.or(file.insecure_listen).unwrap_or_default(),
            metrics: given.metrics.or(file.metrics),
            fail_fast: given.fail_fast.or(file.fail_fast).unwrap_or_default(),
            audit_cpu_percent: percent(given.audit_cpu_percent.or(file.audit_cpu_percent))?,
            future_days: given.future_days.or(file.future_days),
            currency: given.currency.or(file.currency).unwrap_or_default(),
            allowed_origins,
            data_dir: given.data_dir.or(file.data_dir).unwrap_or_else(|| DATA_DIR_DEFAULT.into()),
            partitions,
            prefix,
            servers,
            instance: given.instance.or(file.instance),
            replication,
            min_insync,
            listen: given.listen.or(file.listen).unwrap_or(LISTEN_DEFAULT),
            rate: given.rate.or(file.rate),
            url: given.url.or(file.url),
            heartbeat: given.heartbeat.or(file.heartbeat),
        })
    }
}

impl Settings {
    /// Where the API listens, if it may.
    ///
    /// # Errors
    /// [`SettingsError::OpenToAll`].
    pub fn listen(&self) -> Result<SocketAddr, SettingsError> {
        self.may_listen(self.listen)
    }

    /// Where who watches over a role without an API is answered, if he may be; none where nobody is.
    ///
    /// # Errors
    /// [`SettingsError::OpenToAll`].
    pub fn metrics(&self) -> Result<Option<SocketAddr>, SettingsError> {
        self.metrics.map(|address| self.may_listen(address)).transpose()
    }

    fn may_listen(&self, address: SocketAddr) -> Result<SocketAddr, SettingsError> {
        let is_guarded = address.ip().is_loopback() || self.token.is_some();
        if is_guarded || self.insecure_listen {
            return Ok(address);
        }
        Err(SettingsError::OpenToAll(address))
    }
}

fn percent(given: Option<u32>) -> Result<Option<u32>, SettingsError> {
    match given {
        Some(percent) if percent > 100 => Err(SettingsError::AuditCpuPercent(percent)),
        given => Ok(given),
    }
}

/// Scheme, host and perhaps a port, nothing behind them.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let is_legal = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        !host.is_empty() && host.chars().all(is_legal)
    })
}

/// The file by its whole path, and what it gives; nothing where none is named and there is none.
fn read_file(config: Option<&Path>) -> Result<Option<(PathBuf, Given)>, SettingsError> {
    let path = config.unwrap_or(Path::new(FILE_DEFAULT));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if config.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(SettingsError::Unreadable { path: path.to_owned(), error }),
    };
    let given = toml::from_str(&text).map_err(|error| SettingsError::Invalid {
        path: path.to_owned(),
        reason: match error.span() {
            Some(span) => format!("{}: {}", place(&text, span.start), error.message()),
            None => error.message().to_owned(),
        },
    })?;
    Ok(Some((std::path::absolute(path).unwrap_or_else(|_| path.to_owned()), given)))
}

/// Line and column, from 1, of a byte of a text.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

/// Those of a file with this text alone.
#[cfg(test)]
fn of_file(text: &str) -> Result<Settings, SettingsError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_DEFAULT);
    std::fs::write(&path, text).unwrap();
    Settings::resolve(Given::default(), Some(&path))
}

/// What is wrong, whatever file was read.
#[cfg(test)]
fn cause<T>(refused: Result<T, SettingsError>) -> Result<T, SettingsError> {
    refused.map_err(|error| match error {
        SettingsError::WithFile { error, .. } => *error,
        error => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_comes_before_the_file_and_the_file_before_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("goldstream.toml");
        std::fs::write(&path, "data_dir = \"shop\"\npartitions = 8\n").unwrap();
        let given = Given { partitions: Some(2), ..Given::default() };
        let settings = Settings::resolve(given, Some(&path)).unwrap();
        assert_eq!(settings.file.as_ref(), Some(&path));
        assert_eq!((settings.data_dir, settings.partitions), ("shop".into(), Some(2)));
        assert_eq!((settings.prefix.as_str(), settings.listen), ("goldstream", LISTEN_DEFAULT));
    }

    #[test]
    fn what_is_no_setting_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.toml");
        std::fs::write(&path, "prefix = \"é\"\n data_dri = \"shop\"\n").unwrap();
        let error = Settings::resolve(Given::default(), Some(&path)).unwrap_err().to_string();
        assert!(error.contains("data_dri") && error.contains("line 2, column 2"), "{error}");
        std::fs::write(&path, "partitions = 0\n").unwrap();
        let error = Settings::resolve(Given::default(), Some(&path)).unwrap_err().to_string();
        assert!(error.contains("not 0") && error.contains("x.toml"), "{error}");
        let missing = Settings::resolve(Given::default(), Some(Path::new("/no/such")));
        assert!(matches!(missing, Err(SettingsError::Unreadable { .. })));
        let none = Given { partitions: Some(0), ..Given::default() };
        assert!(matches!(Settings::resolve(none, None), Err(SettingsError::Partitions(0))));
        let odd = Given { prefix: Some("a b".to_owned()), ..Given::default() };
        assert!(matches!(Settings::resolve(odd, None), Err(SettingsError::Prefix(_))));
    }

    #[test]
    fn origins_are_those_that_browsers_send() {
        let given = |origin: &str| Given {
            allowed_origins: Some(vec![origin.to_owned()]),
            ..Given::default()
        };
        for origin in ["https://shop.example", "http://localhost:5173", "http://[::1]:80"] {
            assert!(Settings::resolve(given(origin), None).is_ok(), "{origin}");
        }
        for origin in ["*", "shop.example", "https://shop.example/", "https://", "file:///x", ""] {
            let refused = Settings::resolve(given(origin), None);
            assert!(matches!(refused, Err(SettingsError::Origin(_))), "{origin}");
        }
    }

    #[test]
    fn beyond_loopback_a_token_is_wanted_or_the_word_that_none_is() {
        let given = || Given { listen: Some("0.0.0.0:80".parse().unwrap()), ..Given::default() };
        let settings = Settings::resolve(given(), None).unwrap();
        let refused = settings.listen().unwrap_err().to_string();
        assert!(refused.contains("--insecure-listen") && refused.contains("--token-file"));
        let open = Given { insecure_listen: Some(true), ..given() };
        assert!(Settings::resolve(open, None).unwrap().listen().is_ok());
        let guarded = Given { token: Some(Secret::new("open-sesame-open-sesame")), ..given() };
        assert!(Settings::resolve(guarded, None).unwrap().listen().is_ok());
        assert!(Settings::resolve(Given::default(), None).unwrap().listen().is_ok());
    }
}
