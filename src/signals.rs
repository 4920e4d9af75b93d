//! Ctrl-C and SIGTERM: kept from the moment they are listened for, so that none is lost.

use crate::backend::block_on;
use crate::outcome::Outcome;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs `work` to its end. From the first moment a signal is kept until it is looked at, so that it
/// never cuts a start short.
pub(crate) fn run<F>(work: impl FnOnce(Signals) -> F) -> anyhow::Result<Outcome>
where
    F: Future<Output = anyhow::Result<Outcome>>,
{
    block_on(async { work(Signals::begin()?).await })?
}

/// The signals that end a process.
pub(crate) struct Signals {
    interrupts: Signal,
    terminations: Signal,
}

impl Signals {
    fn begin() -> std::io::Result<Self> {
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
