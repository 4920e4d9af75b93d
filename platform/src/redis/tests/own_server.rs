//! A Redis of a test's own, for what cannot be done to one that others use.

use super::Place;
use crate::conformance::servers::fresh_prefix;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub(super) struct OwnServer {
    arguments: Vec<String>,
    port: u16,
    dir: TempDir,
    process: Option<Child>,
}

impl OwnServer {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let dir = tempfile::tempdir().unwrap();
        let mut server = Self { arguments, port: 0, dir, process: None };
        // A port that was free a moment ago may be somebody's by now.
        for _ in 0..20 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            server.port = free.port();
            if server.run() {
                return server;
            }
        }
        panic!("no redis-server could be started")
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn place(&self) -> Place {
        Place { url: format!("redis://127.0.0.1:{}", self.port), prefix: fresh_prefix("own") }
    }

    /// The append-only file that is being written.
    pub(super) fn append_only_file(&self) -> PathBuf {
        let dir = self.dir.path().join("appendonlydir");
        let mut files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.to_string_lossy().ends_with(".incr.aof")).unwrap()
    }

    /// `SIGKILL`
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(super) fn restart(&mut self) {
        self.kill();
        assert!(self.run(), "redis-server starts again");
    }

    /// Starts the process and gives whether it became ready.
    fn run(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.arg("--port").arg(self.port.to_string()).arg("--dir").arg(self.dir.path());
        command.args(["--bind", "127.0.0.1", "--save", ""]).args(&self.arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.any(|line| line.is_ok_and(|line| line.contains("Ready to accept")));
        // It must not block on a full pipe.
        std::thread::spawn(move || lines.count());
        self.process = Some(process);
        if !ready {
            self.kill();
        }
        ready
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.kill();
    }
}
