//! A redis-server of this machine with settings of a test's choice, and what one types in at it. Not one of
//! those that `make test-containers` has in containers.

use super::own::{Kind, Own};
use super::process::Process;
use goldstream_notify::testing::certificates::Certificates;
use std::path::Path;
use std::process::Command;

pub(crate) struct RedisServer(Own);

impl RedisServer {
    /// Starts one and waits until it answers; `arguments` gets its port and its directory.
    pub(crate) fn start(arguments: impl Fn(u16, &Path) -> Vec<String>) -> Self {
        Self(Own::start_held(Kind::Redis, |dir, port| {
            let path = dir.to_str().unwrap();
            let all = ["--bind", "127.0.0.1", "--dir", path, "--appendonly", "yes", "--save", ""];
            let all = all.iter().chain(&["--maxmemory-policy", "noeviction"]);
            let all = all.map(|&argument| argument.to_owned()).chain(arguments(port, dir));
            Box::new(Process::of("redis-server", all.collect(), dir))
        }))
    }

    /// The same as a sentinel, whose file of settings is the first argument.
    pub(crate) fn start_sentinel(arguments: impl Fn(u16, &Path) -> Vec<String>) -> Self {
        Self(Own::start_held(Kind::Sentinel, |dir, port| {
            let path = dir.to_str().unwrap();
            let more = ["--sentinel", "--bind", "127.0.0.1", "--dir", path].map(str::to_owned);
            let all = [arguments(port, dir), more.to_vec()].concat();
            Box::new(Process::of("redis-server", all, dir))
        }))
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.0.kill();
    }

    /// Starts it again on its port and its data.
    pub(crate) fn restart(&mut self) {
        self.0.restart();
    }

    /// What it answers to a command.
    pub(crate) fn type_in(&self, words: &[&str]) -> String {
        type_in_at(self.port(), words)
    }

    /// What it answers to who comes over TLS with a password.
    pub(crate) fn type_in_over_tls(
        &self,
        certificates: &Certificates,
        password: &str,
        words: &[&str],
    ) -> String {
        let mut command = redis_cli(self.port());
        command.env("REDISCLI_AUTH", password).arg("--tls");
        for (flag, file) in
            [("--cacert", "ca.pem"), ("--cert", "client.pem"), ("--key", "client.key")]
        {
            command.args([flag, &certificates.text(file)]);
        }
        answer(command.args(words))
    }

    /// The same, where it must be done.
    pub(crate) fn ok(&self, words: &[&str]) {
        let answer = self.type_in(words);
        assert_eq!(answer, "OK", "{words:?} at {}", self.port());
    }
}

/// What the Redis on a port of this machine answers to a command.
pub(crate) fn type_in_at(port: u16, words: &[&str]) -> String {
    answer(redis_cli(port).args(words))
}

fn redis_cli(port: u16) -> Command {
    let mut command = Command::new("redis-cli");
    command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    command
}

fn answer(command: &mut Command) -> String {
    let output = command.output().expect("there is no redis-cli; `make setup` sees to it");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
