//! A role without an API is watched over, too: where it answers to that.

use super::Process;
use anyhow::Context;
use clap::Args;
use goldstream_api::access::Access;
use goldstream_api::watched::{self, Watched};
use goldstream_platform::settings::{Given, Settings, listen_address};
use goldstream_platform::shutdown::ShutdownHandle;
use goldstream_platform::telemetry::say;
use std::net::{SocketAddr, TcpListener};
use tokio::task::JoinHandle;

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

/// Answers who watches over a role without an API, until it is dropped.
pub(crate) struct Watcher {
    watched: Watched,
    stop: ShutdownHandle,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Watcher {
    /// Begins to answer, where that is wanted: before a store is opened, for who waits for its servers lives.
    pub(crate) fn begin(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(address) = settings.metrics()? else { return Ok(None) };
        let bound = TcpListener::bind(address);
        let listener = bound.with_context(|| format!("cannot listen on {address} (--metrics)"))?;
        say(&format!("metrics: http://{}/metrics", listener.local_addr()?));
        let token = settings.token.clone();
        let access = token.map_or_else(Access::open, |token| Access::with_tokens(vec![token]));
        let watched = Watched::new(access);
        let (stop, shutdown) = ShutdownHandle::new();
        let serving = tokio::spawn(watched::serve(listener, watched.clone(), shutdown));
        Ok(Some(Self { watched, stop, serving }))
    }

    /// Ends within a second.
    pub(super) async fn end(self) {
        self.stop.begin();
        match self.serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "--metrics"),
            Err(error) => tracing::error!(%error, "--metrics"),
        }
    }
}

impl Process {
    /// Is what is watched over from now on.
    pub(crate) fn is_watched(&mut self, watcher: Option<Watcher>) {
        if let Some(Watcher { watched, .. }) = &watcher {
            watched.begins(self.backend.health.clone(), self.metrics.clone());
        }
        self.watcher = watcher;
    }
}
