//! One server of a scenario's own and its life. It is held as a process of this machine, or as a container
//! where `GOLDSTREAM_TEST_CONTAINERS` is set; nothing else here knows which.

use super::super::port::free_port;
use super::super::wait::eventually;
use super::container::Container;
use super::process::Process;
use std::path::Path;
use tempfile::TempDir;

/// How often another port is tried where somebody was quicker.
const TRIES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Kafka,
    /// Its clients come through a proxy on this port.
    KafkaBehind(u16),
    Redis,
    Sentinel,
}

impl Kind {
    /// What it says once it answers.
    fn ready(self) -> &'static str {
        match self {
            Self::Kafka | Self::KafkaBehind(_) => "Kafka Server started",
            Self::Redis => "Ready to accept connections",
            Self::Sentinel => "Sentinel ID is",
        }
    }
}

/// What holds a server, and lets go of all of it when dropped.
pub(super) trait Held {
    /// Begins a start, the first or one more; an `Err` says why there is none.
    fn launch(&mut self) -> Result<(), String>;
    /// SIGKILL.
    fn kill(&mut self);
    /// SIGTERM.
    fn stop(&mut self);
    fn runs(&mut self) -> bool;
    /// All that it has said since the first start.
    fn said(&self) -> String;
}

/// A server of the scenario's own.
pub(super) struct Own {
    kind: Kind,
    port: u16,
    starts: usize,
    held: Box<dyn Held>,
    // Dropped, and so removed, after the server.
    dir: TempDir,
}

impl Own {
    pub(super) fn start(kind: Kind) -> Self {
        Self::start_held(kind, |dir, port| {
            if std::env::var_os("GOLDSTREAM_TEST_CONTAINERS").is_some() {
                Box::new(Container::new(kind, dir, port))
            } else {
                Box::new(Process::new(kind, dir, port))
            }
        })
    }

    /// One that is held as the test says, which is told its directory and its port.
    pub(super) fn start_held(kind: Kind, hold: impl Fn(&Path, u16) -> Box<dyn Held>) -> Self {
        let mut tries = 0;
        loop {
            tries += 1;
            let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
            let held = hold(dir.path(), port);
            let mut server = Self { kind, port, starts: 0, held, dir };
            let Err(said) = server.launch() else { return server };
            let taken = said.to_lowercase().contains("already");
            assert!(taken && tries < TRIES, "{kind:?} did not start: {said}");
        }
    }

    /// Starts it and waits until it answers.
    fn launch(&mut self) -> Result<(), String> {
        self.held.launch()?;
        self.starts += 1;
        let kind = self.kind;
        eventually(&format!("{kind:?} answers"), || {
            // Looked at first: what it said with its last breath counts too.
            let runs = self.held.runs();
            let said = self.held.said();
            match (said.matches(kind.ready()).count() >= self.starts, runs) {
                (true, _) => Ok(Ok(())),
                (false, false) => Ok(Err(said)),
                (false, true) => Err(said),
            }
        })
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Where its data is.
    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn runs(&mut self) -> bool {
        self.held.runs()
    }

    pub(super) fn kill(&mut self) {
        self.held.kill();
    }

    pub(super) fn restart(&mut self) {
        if self.held.runs() {
            self.held.stop();
        }
        self.launch().unwrap_or_else(|said| panic!("{:?} did not come back: {said}", self.kind));
    }
}
