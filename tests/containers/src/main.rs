//! Runs a command beside a Kafka and a Redis in containers, as `scripts/with-servers.sh` does beside
//! processes, and removes all containers at the end, those of the command's own too. It tests nothing.

mod command;
mod docker;

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::process::ExitCode;
use testcontainers::core::ContainerAsync;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, ImageExt};
use testcontainers_modules::kafka::apache::{KAFKA_PORT, Kafka};
use testcontainers_modules::redis::{REDIS_PORT, Redis};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().skip(1).collect();
    match run(&line).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("with-containers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The command's exit code.
async fn run(line: &[OsString]) -> Result<u8> {
    let (program, arguments) = line.split_first().context("usage: with-containers COMMAND...")?;
    docker::answers()?;
    // From here on a signal ends the command and then the containers. A start is not broken off: a
    // container that Docker is about to make could not be removed.
    let mut signals = command::Signals::new()?;
    let servers = Servers::start().await?;
    // Containers that the tests start themselves have it as a label.
    let run_id = std::process::id().to_string();
    let environment = [
        ("GOLDSTREAM_TEST_KAFKA", servers.kafka_address().await?),
        ("GOLDSTREAM_TEST_KAFKA_CONTAINER", servers.kafka.id().to_owned()),
        ("GOLDSTREAM_TEST_REDIS", servers.redis_url().await?),
        ("GOLDSTREAM_TEST_CONTAINERS", run_id.clone()),
    ];
    let code = match signals.received().await {
        Some(ending) => Ok(ending.exit_code()),
        None => command::run(program, arguments, environment, &mut signals).await,
    };
    docker::remove(&run_id)?;
    servers.remove().await?;
    code
}

/// What the command works on.
struct Servers {
    kafka: ContainerAsync<Kafka>,
    redis: ContainerAsync<Redis>,
}

impl Servers {
    async fn start() -> Result<Self> {
        let redis = redis().start().await.context("Redis did not start")?;
        let kafka = kafka().start().await.context("Kafka did not start")?;
        Ok(Self { kafka, redis })
    }

    // The broker tells its clients 127.0.0.1, so nothing else will do.
    async fn kafka_address(&self) -> Result<String> {
        Ok(format!("127.0.0.1:{}", self.kafka.get_host_port_ipv4(KAFKA_PORT).await?))
    }

    async fn redis_url(&self) -> Result<String> {
        Ok(format!("redis://127.0.0.1:{}", self.redis.get_host_port_ipv4(REDIS_PORT).await?))
    }

    async fn remove(self) -> Result<()> {
        self.kafka.rm().await.context("Kafka's container is not removed")?;
        self.redis.rm().await.context("Redis's container is not removed")
    }
}

/// The image of docker-compose.yml, with the settings of scripts/kafka.sh.
fn kafka() -> ContainerRequest<Kafka> {
    Kafka::default()
        .with_jvm_image()
        .with_tag("4.3.1")
        .with_env_var("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
        .with_env_var("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
        .with_env_var("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
        .with_env_var("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4")
        .with_env_var("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
        .with_env_var("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
        .with_env_var("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "4")
}

/// As in docker-compose.yml.
fn redis() -> ContainerRequest<Redis> {
    let line = ["redis-server", "--appendonly", "yes", "--maxmemory-policy", "noeviction"];
    Redis::default().with_tag("8-alpine").with_cmd(line)
}
