//! What may be given: on the command line, in the environment, in the file.

use super::alerts::AlertsTable;
use super::currency::Currency;
use super::kafka::KafkaGiven;
use super::lake::LakeTable;
use super::listen;
use super::mail::MailTable;
use super::report::ReportTable;
use crate::secret::Secret;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What may be given, in any of the three places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Where the embedded store is.
    pub data_dir: Option<PathBuf>,
    /// Number of partitions when topics are made.
    pub partitions: Option<u32>,
    /// What topics and keys begin with.
    pub prefix: Option<String>,
    /// Where the API listens.
    #[serde(default, deserialize_with = "listen::read")]
    pub listen: Option<SocketAddr>,
    /// Rows a second.
    pub rate: Option<String>,
    /// How Kafka is reached.
    pub kafka: Option<KafkaGiven>,
    /// URL of Redis, which may hold a password.
    pub redis: Option<Secret>,
    /// A file with the password of Redis.
    pub redis_password_file: Option<PathBuf>,
    /// A file with the password of the sentinels.
    pub redis_sentinel_password_file: Option<PathBuf>,
    /// Who signed the certificate of Redis, as a file.
    pub redis_ca_file: Option<PathBuf>,
    /// The certificate that is shown to Redis.
    pub redis_cert_file: Option<PathBuf>,
    /// The key of that certificate.
    pub redis_key_file: Option<PathBuf>,
    /// Name of this consumer.
    pub instance: Option<String>,
    /// Copies of each topic when it is made.
    pub replication: Option<u32>,
    /// Copies that must have a record before it is acknowledged.
    pub min_insync: Option<u32>,
    /// Origins whose pages may ask the API beside its own.
    pub allowed_origins: Option<Vec<String>>,
    /// The goldstream to watch.
    pub url: Option<String>,
    /// What who asks the API must know.
    pub token: Option<Secret>,
    /// A file with it.
    pub token_file: Option<PathBuf>,
    /// Listen beyond loopback without a token.
    pub insecure_listen: Option<bool>,
    /// Where a role without an API answers to who watches over it.
    pub metrics: Option<SocketAddr>,
    /// Where traces are sent; empty is a collector beside us.
    pub otlp: Option<String>,
    /// One of so many rows is traced.
    pub otlp_one_in: Option<u32>,
    /// End where a server does not answer at the start.
    pub fail_fast: Option<bool>,
    /// Share of one core for proofs in idle time.
    pub audit_cpu_percent: Option<u32>,
    /// How many days a purchase may lie ahead of its ingestion.
    pub future_days: Option<u32>,
    /// What the amounts are in.
    pub currency: Option<Currency>,
    /// The file that says that a process lives.
    pub heartbeat: Option<PathBuf>,
    /// How mail is sent.
    pub mail: Option<MailTable>,
    /// Who is told what.
    pub alerts: Option<AlertsTable>,
    /// Who is sent the report, and when.
    pub report: Option<ReportTable>,
    /// Where the lake is, as the command line says it.
    #[serde(skip)]
    pub lake: Option<String>,
    /// The lake.
    #[serde(rename = "lake")]
    pub lake_table: Option<LakeTable>,
}
