//! A role without an API is watched over, too: where it answers to that.

use super::Process;
use anyhow::Context;
use clap::Args;
use goldstream_api::access::Access;
use goldstream_api::watched::{self, Watched};
use goldstream_platform::settings::{Given, Settings, listen_address};
use goldstream_platform::telemetry::say;
use std::net::{SocketAddr, TcpListener};

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

/// Takes the port, before a store is opened.
pub(crate) fn listen(settings: &Settings) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = settings.metrics()? else { return Ok(None) };
    let bound = TcpListener::bind(address);
    Ok(Some(bound.with_context(|| format!("cannot listen on {address} (--metrics)"))?))
}

impl Process {
    /// Answers from now on to who watches over it, where that is wanted.
    pub(crate) fn answer_watchers(
        &mut self,
        listener: Option<TcpListener>,
        settings: &Settings,
    ) -> anyhow::Result<()> {
        let Some(listener) = listener else { return Ok(()) };
        say(&format!("metrics: http://{}/metrics", listener.local_addr()?));
        let token = settings.token.clone();
        let watched = Watched {
            health: self.backend.health.clone(),
            metrics: self.metrics.clone(),
            access: token.map_or_else(Access::open, |token| Access::with_tokens(vec![token])),
        };
        self.watched = Some(tokio::spawn(watched::serve(listener, watched, self.shutdown.clone())));
        Ok(())
    }
}
