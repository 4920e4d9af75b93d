//! A Kafka or a Redis of a scenario's own, to be killed, started again and spoiled. Those that all tests
//! share are others, and nobody may break them.

mod container;
pub(crate) mod kafka_cluster;
mod own;
mod process;
pub(crate) mod redis_server;
pub(crate) mod secured_kafka;

use super::proxy::Proxy;
use own::{Kind, Own};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

/// A Kafka of its own.
pub(crate) struct OwnKafka(Own);

impl OwnKafka {
    /// Starts one and waits until it answers.
    pub(crate) fn start() -> Self {
        Self(Own::start(Kind::Kafka))
    }

    /// One that names the port of a proxy to its clients, who then come through that.
    pub(crate) fn start_behind(proxy: &Proxy) -> Self {
        let server = Self(Own::start(Kind::KafkaBehind(proxy.port())));
        proxy.lead_to(&server.address());
        server
    }

    /// `HOST:PORT`.
    pub(crate) fn address(&self) -> String {
        self.0.address()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.0.kill();
    }

    /// Starts it again on its port and its data; one that runs is stopped first.
    pub(crate) fn restart(&mut self) {
        self.0.restart();
    }
}

/// A Redis of its own.
pub(crate) struct OwnRedis(Own);

impl OwnRedis {
    /// Starts one and waits until it answers.
    pub(crate) fn start() -> Self {
        Self(Own::start(Kind::Redis))
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.0.address())
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.0.kill();
    }

    /// Starts it again on its port and its data; one that runs is stopped first.
    pub(crate) fn restart(&mut self) {
        self.0.restart();
    }

    /// It loses all that it has, and stays.
    pub(crate) fn flush(&self) {
        let mut stream = TcpStream::connect(self.0.address()).unwrap();
        stream.write_all(b"FLUSHALL SYNC\r\n").unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"+OK\r\n");
    }

    /// Where it writes down what it does: the newest piece of its append-only file.
    fn aof_path(&self) -> PathBuf {
        let number = |path: &PathBuf| {
            let name = path.file_name()?.to_str()?;
            name.strip_prefix("appendonly.aof.")?.strip_suffix(".incr.aof")?.parse::<u64>().ok()
        };
        let entries = std::fs::read_dir(self.0.path().join("appendonlydir")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| number(path).is_some()).max_by_key(number).unwrap()
    }

    /// As if it had died before so many of its last bytes were on the disk. It must not run.
    pub(crate) fn cut_aof_tail(&mut self, bytes: u64) {
        assert!(!self.0.runs(), "while it runs the file is its own");
        let file = std::fs::File::options().write(true).open(self.aof_path()).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(bytes)).unwrap();
    }
}
