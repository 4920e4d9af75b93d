//! The command: in a process group of its own, told of signals, and ended as a whole.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::Command;
use tokio::signal::unix::{self, SignalKind};

/// How long a command that was told to end may take for it.
const FAREWELL: Duration = Duration::from_secs(10);

/// A signal that asks for the end.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    Interrupt,
    Terminate,
    Hangup,
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::Hangup => "HUP",
        }
    }

    /// As shells give it.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Hangup => 129,
        }
    }
}

/// Signals to this process.
pub(crate) struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hangup: unix::Signal,
}

impl Signals {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
            hangup: unix::signal(SignalKind::hangup())?,
        })
    }

    /// One that has come already.
    pub(crate) async fn received(&mut self) -> Option<Ending> {
        tokio::select! {
            biased;
            ending = self.next() => Some(ending),
            () = std::future::ready(()) => None,
        }
    }

    async fn next(&mut self) -> Ending {
        tokio::select! {
            _ = self.interrupt.recv() => Ending::Interrupt,
            _ = self.terminate.recv() => Ending::Terminate,
            _ = self.hangup.recv() => Ending::Hangup,
        }
    }
}

/// Runs it to its end: its exit code, or that of the signal that ended it.
pub(crate) async fn run(
    program: &OsString,
    arguments: &[OsString],
    environment: impl IntoIterator<Item = (&'static str, String)>,
    signals: &mut Signals,
) -> Result<u8> {
    let mut command = Command::new(program);
    // A process group of its own cannot read from the terminal.
    command.args(arguments).envs(environment).process_group(0).stdin(Stdio::null());
    let mut child =
        command.spawn().with_context(|| format!("{} cannot be run", program.display()))?;
    let group = child.id().context("it has no process id")?;
    let code = tokio::select! {
        status = child.wait() => exit_code(status?),
        ending = signals.next() => {
            tell(group, ending.name()).await;
            tokio::time::timeout(FAREWELL, child.wait()).await.ok();
            ending.exit_code()
        }
    };
    // All that it left: a test that was killed cannot end what it started.
    tell(group, "KILL").await;
    child.wait().await?;
    Ok(code)
}

/// Sends a signal to a process group; one that is gone needs none.
async fn tell(group: u32, signal: &str) {
    let mut kill = Command::new("kill");
    kill.args(["-s", signal, "--", &format!("-{group}")]).stderr(Stdio::null());
    kill.status().await.ok();
}

fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
