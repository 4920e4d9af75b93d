//! A Kafka and a Redis for the benchmark, started by the same scripts as for the tests.

use crate::measure::Guarded;
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START_MAX: Duration = Duration::from_secs(60);
const LOOK_PACE: Duration = Duration::from_millis(20);

/// Both servers; they end with this.
pub(crate) struct Servers {
    pub(crate) kafka: Guarded,
    pub(crate) redis: Guarded,
    kafka_port: u16,
    redis_port: u16,
    _dir: TempDir,
}

impl Servers {
    pub(crate) fn start() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let [kafka_port, controller_port, redis_port] = [free_port()?, free_port()?, free_port()?];
        let ports = [kafka_port.to_string(), controller_port.to_string()];
        let kafka = start(dir.path(), "kafka", &ports, "Kafka Server started")?;
        let ports = [redis_port.to_string()];
        let redis = start(dir.path(), "redis", &ports, "Ready to accept connections")?;
        Ok(Self { kafka, redis, kafka_port, redis_port, _dir: dir })
    }

    /// What a goldstream needs to work on them.
    pub(crate) fn environment(&self, prefix: &str) -> Vec<(&'static str, String)> {
        vec![
            ("GOLDSTREAM_KAFKA", format!("127.0.0.1:{}", self.kafka_port)),
            ("GOLDSTREAM_REDIS", format!("redis://127.0.0.1:{}", self.redis_port)),
            ("GOLDSTREAM_PREFIX", prefix.to_owned()),
            ("GOLDSTREAM_LISTEN", "127.0.0.1:0".to_owned()),
        ]
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn start(dir: &Path, name: &str, ports: &[String], ready: &str) -> Result<Guarded> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scripts/{name}.sh"));
    let log = dir.join(format!("{name}.log"));
    let said = File::create(&log)?;
    let mut command = Command::new(script);
    command.arg(dir.join(name)).args(ports).stdout(said.try_clone()?).stderr(said);
    let mut child = Guarded(command.stdin(Stdio::null()).spawn()?);
    let began = Instant::now();
    loop {
        let said = std::fs::read_to_string(&log)?;
        if said.contains(ready) {
            return Ok(child);
        }
        ensure!(child.0.try_wait()?.is_none(), "{name} did not start: {said}");
        ensure!(began.elapsed() < START_MAX, "{name} takes too long to start: {said}");
        sleep(LOOK_PACE);
    }
}

/// A role of goldstream as a process, its words in a file.
pub(crate) struct Role {
    pub(crate) process: Guarded,
    said: std::path::PathBuf,
}

impl Role {
    pub(crate) fn start(
        line: &str,
        environment: &[(&'static str, String)],
        dir: &Path,
    ) -> Result<Self> {
        let said = dir.join(format!("{}.log", line.replace(|c: char| !c.is_alphanumeric(), "_")));
        let mut command = Command::new(crate::GOLDSTREAM);
        command.args(line.split_whitespace()).envs(environment.iter().cloned());
        command.current_dir(dir).stdout(Stdio::null()).stderr(File::create(&said)?);
        Ok(Self { process: Guarded(command.spawn()?), said })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Where it says that it listens.
    pub(crate) fn address(&mut self) -> Result<String> {
        self.said_behind("is live: http://")
    }

    /// Where a role without an API says that its metrics are.
    pub(crate) fn metrics(&mut self) -> Result<String> {
        Ok(format!("http://{}", self.said_behind("metrics: http://")?))
    }

    /// The word that it says behind others.
    fn said_behind(&mut self, words: &str) -> Result<String> {
        let began = Instant::now();
        loop {
            let said = std::fs::read_to_string(&self.said)?;
            if let Some((_, rest)) = said.split_once(words) {
                return Ok(rest.split_whitespace().next().context("no address")?.to_owned());
            }
            ensure!(self.process.0.try_wait()?.is_none(), "it ended: {said}");
            ensure!(began.elapsed() < START_MAX, "it does not say where it listens: {said}");
            sleep(LOOK_PACE);
        }
    }
}
