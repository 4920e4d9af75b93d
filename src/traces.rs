//! Where a process tells the way of its rows: for every command whose roles rows pass through.

use clap::Args;
use goldstream_platform::settings::Given;

/// What other programs are told by OpenTelemetry's own variables, the nearer one first.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// What is traced, and who is told.
#[derive(Args)]
pub(crate) struct TracesArgs {
    /// Trace rows from file to frame, and send that to this OpenTelemetry collector, over HTTP
    /// [default: off; without URL what OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT says, or http://127.0.0.1:4318]
    #[arg(long, env = "GOLDSTREAM_OTLP", value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    otlp: Option<String>,
    /// Of so many rows one is traced; the same number for all roles [default: 1000]
    #[arg(long, env = "GOLDSTREAM_OTLP_ONE_IN", value_name = "N")]
    otlp_one_in: Option<u32>,
}

impl TracesArgs {
    /// What is said here is said for the settings.
    pub(crate) fn give(&self, given: &mut Given) {
        let or_of_all = |url: String| match url.is_empty() {
            true => ENDPOINTS.iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default(),
            false => url,
        };
        given.otlp = self.otlp.clone().map(or_of_all);
        given.otlp_one_in = self.otlp_one_in;
    }
}
