//! A role without an API is watched over, too: where it answers to that.

use super::Process;
use super::watcher::Watcher;
use crate::outcome::Outcome;
use crate::signals::Signals;
use crate::waiting;
use clap::Args;
use goldstream_platform::settings::{Given, Settings, listen_address};
use goldstream_producers::replay::AtEnd;
use std::net::SocketAddr;
use std::ops::ControlFlow;

/// Where a role without an API answers to who watches over it.
#[derive(Args)]
pub(crate) struct WatchedArgs {
    /// Answer /metrics, /healthz and /readyz there, for Prometheus and probes [default: nowhere]
    #[arg(long, env = "GOLDSTREAM_METRICS", value_name = "ADDRESS", value_parser = listen_address)]
    metrics: Option<SocketAddr>,
    /// Let everybody who reaches ADDRESS read them, where that is beyond loopback and there is no token
    #[arg(
        long,
        env = "GOLDSTREAM_INSECURE_LISTEN",
        num_args = 0..=1,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    insecure_listen: Option<bool>,
}

impl WatchedArgs {
    /// What is said here is said for the settings.
    pub(crate) fn give(&self, given: &mut Given) {
        given.metrics = self.metrics;
        given.insecure_listen = self.insecure_listen;
    }
}

/// A role without an API, once its servers answer; or how it ends, where that is wished before. Who watches over it is
/// answered before that: who waits for its servers lives.
pub(crate) async fn begin(
    at_end: AtEnd,
    settings: &Settings,
    signals: &mut Signals,
) -> anyhow::Result<ControlFlow<Outcome, Process>> {
    let watcher = Watcher::begin(settings)?;
    let mut process = match waiting::open_to(at_end, settings, signals).await? {
        ControlFlow::Continue(backend) => Process::new(backend)?.with_traces(settings)?,
        ControlFlow::Break(outcome) => return Ok(ControlFlow::Break(outcome)),
    };
    if let Some(Watcher { watched, .. }) = &watcher {
        watched.begins(process.backend.health.clone(), process.metrics.clone());
    }
    process.watcher = watcher;
    Ok(ControlFlow::Continue(process))
}
