//! Who watches over a role without an API is answered.

use crate::api_settings::ApiSettings;
use anyhow::Context;
use goldstream_api::watched::{self, Watched};
use goldstream_platform::settings::Settings;
use goldstream_platform::shutdown::ShutdownHandle;
use goldstream_platform::telemetry::say;
use std::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers who watches over a role without an API.
pub(super) struct Watcher {
    pub(super) watched: Watched,
    stop: ShutdownHandle,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Watcher {
    /// Begins to answer, where that is wanted.
    pub(super) fn begin(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(address) = settings.metrics()? else { return Ok(None) };
        let bound = TcpListener::bind(address);
        let listener = bound.with_context(|| format!("cannot listen on {address} (--metrics)"))?;
        say(&format!("metrics: http://{}/metrics", listener.local_addr()?));
        let watched = Watched::new(ApiSettings::new(settings).access(None));
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
