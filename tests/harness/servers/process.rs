//! A server as a process of this machine, mostly started by the scripts that people start it with. What a
//! killed test binary leaves is ended by `scripts/with-servers.sh`, with its process group.

use super::super::port::free_port;
use super::super::wait::eventually;
use super::own::{Held, Kind};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(super) struct Process {
    program: &'static str,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    log: PathBuf,
    child: Option<Child>,
}

impl Process {
    pub(super) fn new(kind: Kind, dir: &Path, port: u16) -> Self {
        let mut arguments = vec![dir.to_str().unwrap().to_owned(), port.to_string()];
        let script = match kind {
            Kind::Kafka | Kind::KafkaBehind(_) => {
                arguments.push(free_port().to_string());
                concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/kafka.sh")
            }
            Kind::Redis | Kind::Sentinel => {
                concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/redis.sh")
            }
        };
        let process = Self::of(script, arguments, dir);
        match kind {
            Kind::KafkaBehind(port) => process.with([("KAFKA_ADVERTISED_PORT", port.to_string())]),
            Kind::Kafka | Kind::Redis | Kind::Sentinel => process,
        }
    }

    /// The same with these variables.
    pub(super) fn with<const N: usize>(mut self, variables: [(&'static str, String); N]) -> Self {
        self.environment.extend(variables);
        self
    }

    /// A program with arguments of a test's choice, that writes its log into `dir`.
    pub(super) fn of(program: &'static str, arguments: Vec<String>, dir: &Path) -> Self {
        let environment = Vec::new();
        Self { program, arguments, environment, log: dir.join("log"), child: None }
    }
}

impl Held for Process {
    fn launch(&mut self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(self.program);
        command.args(&self.arguments).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn();
        self.child = Some(child.unwrap_or_else(|error| {
            panic!("{} cannot be started: {error}; `make setup` sees to it", self.program)
        }));
        Ok(())
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let told = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
        assert!(told.unwrap().success());
        eventually("it ends after SIGTERM", || {
            child.try_wait().unwrap().ok_or_else(|| self.said())
        });
    }

    fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
