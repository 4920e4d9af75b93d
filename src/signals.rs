//! Ctrl-C and SIGTERM: kept from the moment they are listened for, so that none is lost.

use crate::Outcome;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end a process.
pub(crate) struct Signals {
    interrupts: Signal,
    terminations: Signal,
}

impl Signals {
    /// Must be called within a runtime.
    pub(crate) fn begin() -> std::io::Result<Self> {
        Ok(Self {
            interrupts: signal(SignalKind::interrupt())?,
            terminations: signal(SignalKind::terminate())?,
        })
    }

    /// The next one, and what the process then ends with.
    pub(crate) async fn next(&mut self) -> Outcome {
        tokio::select! {
            _ = self.interrupts.recv() => Outcome::Interrupted,
            _ = self.terminations.recv() => Outcome::Done,
        }
    }
}
