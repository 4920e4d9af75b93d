//! The heartbeat of a process: a file by which others see that it lives.

use goldstream_platform::clock::now_ms;
use goldstream_platform::health::Health;
use goldstream_platform::heartbeat::Heartbeat;
use goldstream_platform::limits::HEARTBEAT_PACE;
use goldstream_platform::settings::Settings;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::task::JoinHandle;

/// Renews it while servers are waited for: until then there is nobody else to be told.
pub(crate) fn begin_to_wait(settings: &Settings) -> Option<JoinHandle<()>> {
    let path = settings.heartbeat.clone()?;
    Some(tokio::spawn(renew(path, Health::default(), None)))
}

pub(crate) async fn renew(path: PathBuf, health: Health, address: Option<SocketAddr>) {
    let mut pace = tokio::time::interval(HEARTBEAT_PACE);
    let mut was_written = true;
    loop {
        pace.tick().await;
        let silent = health.hearts().silent();
        let halted = health.halts();
        let written = Heartbeat { at_ms: now_ms(), address, silent, halted }.write(&path);
        if let Err(error) = &written
            && was_written
        {
            tracing::warn!(%error, path = %path.display(), "the heartbeat cannot be written");
        }
        was_written = written.is_ok();
    }
}
