//! A redis-server of this machine with settings of a test's choice, and what one types in at it. Not one of
//! those that `make test-containers` has in containers.

use super::port::free_port;
use super::wait::eventually;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How often another port is tried where somebody was quicker.
const TRIES: usize = 3;

/// One server; what a killed test binary leaves is ended by `scripts/with-servers.sh`.
pub(crate) struct RedisServer {
    port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
    // Dropped, and so removed, after the server.
    dir: TempDir,
}

impl RedisServer {
    /// Starts one; `arguments` gets its port and its directory.
    pub(crate) fn start(arguments: impl Fn(u16, &Path) -> Vec<String>) -> Self {
        for _ in 0..TRIES {
            let (port, dir) = (free_port(), tempfile::tempdir().unwrap());
            let arguments = arguments(port, dir.path());
            let mut server = Self { port, arguments, child: None, dir };
            match server.launch() {
                Ok(()) => return server,
                Err(said) => assert!(said.contains("in use"), "redis-server did not start: {said}"),
            }
        }
        panic!("somebody was quicker at {TRIES} ports")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again on its port and its data.
    pub(crate) fn restart(&mut self) {
        self.kill();
        std::fs::remove_file(self.log()).unwrap();
        self.launch().unwrap_or_else(|said| panic!("redis-server did not come back: {said}"));
    }

    /// What it answers to a command.
    pub(crate) fn type_in(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(words);
        let output = command.output().expect("there is no redis-cli; `make setup` sees to it");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The same, where it must be done.
    pub(crate) fn ok(&self, words: &[&str]) {
        let answer = self.type_in(words);
        assert_eq!(answer, "OK", "{words:?} at {}", self.port);
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Starts it and waits until it answers.
    fn launch(&mut self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--dir"]).arg(self.dir.path());
        command.args(["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]);
        command.args(&self.arguments).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().expect("there is no redis-server; `make setup` sees to it");
        let child = self.child.insert(child);
        let log = self.dir.path().join("log");
        eventually("redis-server answers", || {
            // Looked at first: what it said with its last breath counts too.
            let ended = child.try_wait().unwrap().is_some();
            let said = std::fs::read_to_string(&log).unwrap();
            match (said.contains("Ready to accept connections"), ended) {
                (true, _) => Ok(Ok(())),
                (false, true) => Ok(Err(said)),
                (false, false) => Err(said),
            }
        })
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
