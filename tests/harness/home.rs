//! A temporary place to work in, and the commands given there. As in a user's terminal the store is
//! `./goldstream-data`; only the port is a free one.

use super::process::{Answer, Running, wait_for_end};
use goldstream_domain::gold::report::{Accounting, Gold};
use goldstream_platform::conformance::servers;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Where the store is where nothing else is said.
pub(crate) const DATA: &str = "goldstream-data";

/// A working directory of its own.
pub(crate) struct Home {
    dir: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// One whose commands work on these servers, under a prefix that no other test has.
    pub(crate) fn on(kafka: String, redis: String, name: &str) -> Self {
        let environment = vec![
            ("GOLDSTREAM_KAFKA", kafka),
            ("GOLDSTREAM_REDIS", redis),
            ("GOLDSTREAM_PREFIX", servers::fresh_prefix(name)),
        ];
        Self { environment, ..Self::new() }
    }

    /// The same with one more variable for its commands.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// One whose commands work on the servers that all tests share.
    pub(crate) fn on_servers(name: &str) -> Self {
        Self::on(servers::kafka(), servers::redis(), name)
    }

    /// The value of a variable that its commands get.
    pub(crate) fn variable(&self, name: &str) -> &str {
        let mut known = self.environment.iter().filter(|(known, _)| *known == name);
        known.next().map_or("", |(_, value)| value)
    }

    /// A path below it.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file below it, folders included.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// `goldstream LINE`, not started yet.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_goldstream"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GOLDSTREAM_")) {
            command.env_remove(name);
        }
        command.env_remove("RUST_LOG").env("GOLDSTREAM_LISTEN", "127.0.0.1:0");
        command.envs(self.environment.iter().cloned());
        command.current_dir(self.dir.path()).args(line.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What `goldstream LINE` answers.
    pub(crate) fn ask(&self, line: &str) -> Answer {
        wait_for_end(self.command(line).spawn().unwrap(), line)
    }

    /// The same of words, which may have spaces in them.
    pub(crate) fn ask_words(&self, words: &[&str]) -> Answer {
        let mut command = self.command("");
        wait_for_end(command.args(words).spawn().unwrap(), &words.join(" "))
    }

    /// What it prints, where it must succeed.
    pub(crate) fn ok(&self, line: &str) -> String {
        self.ask(line).expect(0).stdout
    }

    /// `goldstream LINE` as a process that goes on, over the usual store.
    pub(crate) fn start(&self, line: &str) -> Running {
        self.start_over(DATA, line)
    }

    /// A prepared command as a process that goes on, over the usual store.
    pub(crate) fn run(&self, command: Command) -> Running {
        Running::new(command, self.path(DATA))
    }

    /// The same over another store.
    pub(crate) fn start_over(&self, data: &str, line: &str) -> Running {
        Running::new(self.command(line), self.path(data))
    }

    /// The stored gold, as it is exported.
    pub(crate) fn gold_text(&self) -> String {
        self.ok("export gold")
    }

    pub(crate) fn gold(&self) -> Gold {
        serde_json::from_str(&self.gold_text()).unwrap()
    }

    pub(crate) fn accounting(&self) -> Accounting {
        self.gold().accounting
    }

    /// The batch over bronze must agree with gold.
    pub(crate) fn verify_equal(&self) {
        let said = self.ok("verify");
        assert!(said.starts_with("equal"), "{said}");
    }
}
