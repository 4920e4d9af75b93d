//! `goldstream serve`: API, feed and page from the store.

use crate::api_settings::ApiSettings;
use crate::health;
use crate::inputs::is_of_demo;
use crate::outcome::Outcome;
use crate::process::Process;
use crate::signals;
use crate::traces::TracesArgs;
use crate::waiting;
use anyhow::Context;
use clap::Args;
use goldstream_platform::settings::{Currency, Given, Settings, listen_address};
use goldstream_platform::telemetry::{self, Form};
use std::net::{SocketAddr, TcpListener};
use std::ops::ControlFlow;

/// How the API is reached: for every command that serves it.
#[derive(Args)]
pub(crate) struct ApiArgs {
    /// Where API and page listen [default: 127.0.0.1:8080]
    #[arg(long, env = "GOLDSTREAM_LISTEN", value_name = "ADDRESS", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    /// Let everybody who reaches ADDRESS read and write, where that is beyond loopback and there is no token
    #[arg(
        long,
        env = "GOLDSTREAM_INSECURE_LISTEN",
        num_args = 0..=1,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    insecure_listen: Option<bool>,
    /// Share of one core for proofs in idle time that the numbers are those of the batch; 0 for none
    /// [default: 10 for run, 0 for serve]
    #[arg(long, env = "GOLDSTREAM_AUDIT_CPU_PERCENT", value_name = "PERCENT")]
    audit_cpu_percent: Option<u32>,
    /// What the amounts of the shop are in, as the page writes them [default: EUR]
    #[arg(long, env = "GOLDSTREAM_CURRENCY", value_name = "CODE")]
    currency: Option<Currency>,
    /// Let pages of this origin read the API, too; may be repeated
    #[arg(
        long = "allow-origin",
        env = "GOLDSTREAM_ALLOW_ORIGIN",
        value_name = "SCHEME://HOST",
        value_delimiter = ','
    )]
    allow_origin: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) api: ApiArgs,
    #[command(flatten)]
    pub(crate) traces: TracesArgs,
}

impl ApiArgs {
    /// What is said here is said for the settings.
    pub(crate) fn give(&self, given: &mut Given) {
        given.listen = self.listen;
        given.insecure_listen = self.insecure_listen;
        given.audit_cpu_percent = self.audit_cpu_percent;
        given.currency = self.currency.clone();
        // None where nothing was given, so that the file's list holds.
        let origins = &self.allow_origin;
        given.allowed_origins = (!origins.is_empty()).then(|| origins.clone());
    }
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let api = ApiSettings::new(settings).and_tells(settings)?;
    let api = ApiSettings { demo: is_of_demo(settings), ..api };
    must_be_free(settings)?;
    signals::run(|mut signals| async move {
        let mut process = match waiting::open(settings, &mut signals).await? {
            ControlFlow::Continue(backend) => {
                Process::new(backend)?.with_traces(settings)?.with_api(api)
            }
            ControlFlow::Break(outcome) => return Ok(outcome),
        };
        let listener = match listen(settings) {
            Ok(listener) => listener,
            Err(error) => return process.end(signals, Err(error)).await,
        };
        match start(&mut process, listener).await {
            Ok(address) => announce(address),
            Err(error) => return process.end(signals, Err(error)).await,
        }
        health::begin(&mut process, settings);
        process.run_until_told(signals).await
    })
}

async fn start(process: &mut Process, listener: TcpListener) -> anyhow::Result<SocketAddr> {
    if process.backend.dir().is_none() {
        process.add_on_servers(&[])?;
        return process.serve(listener, &["serve"]).await;
    }
    // A file has one process: who serves it counts what is in it.
    process.add_stages()?;
    process.serve(listener, &["consume", "serve"]).await
}

/// A port that is taken is told before a store is opened. Who waits for its servers listens to nobody.
pub(crate) fn must_be_free(settings: &Settings) -> anyhow::Result<()> {
    listen(settings).map(drop)
}

pub(crate) fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = settings.listen()?;
    TcpListener::bind(address).with_context(|| {
        let other = SocketAddr::new(address.ip(), address.port().wrapping_add(1).max(1024));
        format!("cannot listen on {address}; another address: --listen {other}")
    })
}

pub(crate) fn announce(address: SocketAddr) {
    if telemetry::form() == Form::Json {
        return tracing::info!(%address, "goldstream is live: http://{address}");
    }
    let text = format!("goldstream is live: http://{address}");
    let line = "─".repeat(text.len() + 4);
    eprintln!("╭{line}╮\n│  {text}  │\n╰{line}╯");
}
