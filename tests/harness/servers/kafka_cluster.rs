//! Three brokers of this machine, each of which has every record, and any of which may go. Not one of those that
//! `make test-containers` has in containers.

use super::super::port::free_port;
use super::super::wait::eventually;
use super::own::Held;
use super::process::Process;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::metadata::MetadataTopic;
use std::time::Duration;
use tempfile::TempDir;

const BROKERS: usize = 3;

/// How long one is asked.
const ASKED_MAX: Duration = Duration::from_secs(5);

pub(crate) struct KafkaCluster {
    brokers: Vec<Process>,
    starts: Vec<usize>,
    addresses: Vec<String>,
    // Dropped, and so removed, after the brokers.
    _dirs: Vec<TempDir>,
}

impl KafkaCluster {
    /// Starts three, and waits until each of them answers.
    pub(crate) fn start() -> Self {
        let dirs: Vec<_> = (0..BROKERS).map(|_| tempfile::tempdir().unwrap()).collect();
        let ports: Vec<_> = dirs.iter().map(|_| (free_port(), free_port())).collect();
        let voter =
            |(node, (_, port)): (usize, &(u16, u16))| format!("{}@127.0.0.1:{port}", node + 1);
        let voters: Vec<_> = ports.iter().enumerate().map(voter).collect();
        let voters = voters.join(",");
        let brokers =
            dirs.iter().zip(&ports).enumerate().map(|(node, (dir, (port, controller)))| {
                let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/kafka.sh");
                let arguments = vec![
                    dir.path().to_str().unwrap().to_owned(),
                    port.to_string(),
                    controller.to_string(),
                ];
                Process::of(script, arguments, dir.path()).with([
                    ("KAFKA_NODE", (node + 1).to_string()),
                    ("KAFKA_VOTERS", voters.clone()),
                    ("KAFKA_COPIES", BROKERS.to_string()),
                ])
            });
        let mut this = Self {
            brokers: brokers.collect(),
            starts: vec![0; BROKERS],
            addresses: ports.iter().map(|(port, _)| format!("127.0.0.1:{port}")).collect(),
            _dirs: dirs,
        };
        // None of them is one before most of them are.
        (0..BROKERS).for_each(|number| this.launch(number));
        (0..BROKERS).for_each(|number| this.answers(number));
        this
    }

    /// All of them, as `--kafka` is given them.
    pub(crate) fn addresses(&self) -> String {
        self.addresses.join(",")
    }

    /// SIGKILL to one.
    pub(crate) fn kill(&mut self, number: usize) {
        self.brokers[number].kill();
    }

    /// One ends as it does when it is told to, and hands over what it leads.
    pub(crate) fn stop(&mut self, number: usize) {
        self.brokers[number].stop();
    }

    /// One comes back on its data, and has all records again.
    pub(crate) fn comes_back(&mut self, number: usize) {
        self.launch(number);
        self.answers(number);
        self.is_whole();
    }

    fn launch(&mut self, number: usize) {
        self.brokers[number].launch().unwrap();
        self.starts[number] += 1;
    }

    fn answers(&mut self, number: usize) {
        let (broker, starts) = (&mut self.brokers[number], self.starts[number]);
        eventually(&format!("broker {number} answers"), || {
            let said = broker.said();
            assert!(broker.runs(), "broker {number} ended: {said}");
            let answers = said.matches("Kafka Server started").count() >= starts;
            if answers { Ok(()) } else { Err(said) }
        });
    }

    /// Waits until every broker has every record.
    fn is_whole(&self) {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.addresses());
        let client: BaseConsumer = config.create().unwrap();
        eventually("every broker has every record", || {
            let topics =
                client.fetch_metadata(None, ASKED_MAX).map_err(|error| error.to_string())?;
            let partitions = topics.topics().iter().flat_map(MetadataTopic::partitions);
            let lacking = partitions.filter(|of| of.isr().len() < BROKERS).count();
            if lacking == 0 { Ok(()) } else { Err(format!("{lacking} partitions lack a copy")) }
        });
    }
}
