//! Logs: to stderr, so that data on stdout stays clean. `GOLDSTREAM_LOG` sets the level.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Begins to log. A second call changes nothing.
pub fn begin() {
    let filter =
        EnvFilter::try_from_env("GOLDSTREAM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let begun = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false)
        .try_init();
    if begun.is_err() {
        tracing::debug!("logging had begun before");
    }
}
