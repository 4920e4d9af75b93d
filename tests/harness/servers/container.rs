//! A server as a container, by Docker's own command. What a killed test binary leaves has a label, by
//! which `tests/containers` removes it.

use super::own::{Held, Kind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output};

pub(super) struct Container {
    name: String,
    /// `docker run` of the first start.
    run: Vec<String>,
    made: bool,
}

impl Container {
    pub(super) fn new(kind: Kind, dir: &Path, port: u16) -> Self {
        let name = format!("goldstream-test-{}-{port}", std::process::id());
        let run_id = std::env::var("GOLDSTREAM_TEST_CONTAINERS").unwrap();
        let mut run = words("run --detach --name");
        run.push(name.clone());
        run.push("--label".to_owned());
        run.push(format!("goldstream-test={run_id}"));
        run.extend(match kind {
            Kind::Kafka => kafka(port, port),
            Kind::KafkaBehind(advertised) => kafka(port, advertised),
            Kind::Redis => redis(dir, port),
            Kind::Sentinel => unreachable!("sentinels are processes of this machine"),
        });
        Self { name, run, made: false }
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// The same port inside and outside: the broker sends itself the ends of transactions by the address
/// that it gives to clients.
fn kafka(port: u16, advertised: u16) -> Vec<String> {
    let listeners = format!("KAFKA_LISTENERS=PLAINTEXT://:{port},CONTROLLER://:9093");
    let advertised = format!("KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:{advertised}");
    let settings = [
        "KAFKA_NODE_ID=1",
        "KAFKA_PROCESS_ROLES=broker,controller",
        &listeners,
        &advertised,
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS=1@127.0.0.1:9093",
        // As in scripts/kafka.sh, and for its reasons.
        "KAFKA_BROKER_SESSION_TIMEOUT_MS=2500",
        "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS=500",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE=false",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS=4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS=4",
        "KAFKA_HEAP_OPTS=-Xmx384m",
    ];
    let mut run = words(&format!("--publish 127.0.0.1:{port}:{port}"));
    for setting in settings {
        run.extend(["--env".to_owned(), setting.to_owned()]);
    }
    run.push("apache/kafka:4.3.1".to_owned());
    run
}

/// Its data is in the scenario's directory, written by the scenario's user, so that it can be spoiled.
fn redis(dir: &Path, port: u16) -> Vec<String> {
    let owner = dir.metadata().unwrap();
    let mut run = words(&format!("--publish 127.0.0.1:{port}:6379"));
    run.extend(["--user".to_owned(), format!("{}:{}", owner.uid(), owner.gid())]);
    run.extend(["--volume".to_owned(), format!("{}:/data", dir.display())]);
    run.extend(words("redis:8-alpine redis-server --appendonly yes --save"));
    run.push(String::new());
    run.extend(words("--maxmemory-policy noeviction"));
    run
}

fn docker(arguments: &[&str]) -> Output {
    Command::new("docker").args(arguments).output().unwrap()
}

/// What it printed, on both ways.
fn words_of(output: &Output) -> String {
    let Output { stdout, stderr, .. } = output;
    format!("{}{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr))
}

fn ok(arguments: &[&str]) -> String {
    let output = docker(arguments);
    assert!(output.status.success(), "docker {arguments:?}: {}", words_of(&output));
    words_of(&output)
}

impl Held for Container {
    fn launch(&mut self) -> Result<(), String> {
        if self.made {
            ok(&["start", &self.name]);
            return Ok(());
        }
        self.made = true;
        let run: Vec<_> = self.run.iter().map(String::as_str).collect();
        let output = docker(&run);
        if output.status.success() { Ok(()) } else { Err(words_of(&output)) }
    }

    fn kill(&mut self) {
        if self.runs() {
            ok(&["kill", &self.name]);
            ok(&["wait", &self.name]);
        }
    }

    fn stop(&mut self) {
        ok(&["stop", "--time", "60", &self.name]);
    }

    fn runs(&mut self) -> bool {
        ok(&["inspect", "--format", "{{.State.Running}}", &self.name]).trim() == "true"
    }

    fn said(&self) -> String {
        ok(&["logs", &self.name])
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        docker(&["rm", "--force", "--volumes", &self.name]);
    }
}
