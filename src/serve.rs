//! `goldstream serve`: API, feed and page from the store.

use crate::Outcome;
use crate::backend::Backend;
use crate::process::{ApiSettings, Process};
use crate::signals;
use anyhow::Context;
use clap::Args;
use goldstream_api::origins::Origins;
use goldstream_platform::settings::{Given, Settings};
use std::net::{SocketAddr, TcpListener};

/// How the API is reached: for every command that serves it.
#[derive(Args)]
pub(crate) struct ApiArgs {
    /// Where API and page listen [default: 127.0.0.1:8080]
    #[arg(long, env = "GOLDSTREAM_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
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
}

impl ApiArgs {
    /// What is said here is said for the settings.
    pub(crate) fn give(&self, given: &mut Given) {
        given.listen = self.listen;
        // None where nothing was given, so that the file's list holds.
        let origins = &self.allow_origin;
        given.allowed_origins = (!origins.is_empty()).then(|| origins.clone());
    }
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let listener = listen(settings.listen)?;
    signals::run(|signals| async {
        let origins = Origins::new(&settings.allowed_origins);
        let mut process = Process::new(Backend::open(settings).await?)?
            .with_api(ApiSettings { origins, demo: false });
        match start(&mut process, listener).await {
            Ok(address) => announce(address),
            Err(error) => return process.end(signals, Err(error)).await,
        }
        process.run_until_told(signals).await
    })
}

async fn start(process: &mut Process, listener: TcpListener) -> anyhow::Result<SocketAddr> {
    if process.backend.dir().is_none() {
        return process.serve(listener, &["serve"]).await;
    }
    // A file has one process: who serves it counts what is in it.
    process.add_stages()?;
    process.serve(listener, &["consume", "serve"]).await
}

pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        let other = SocketAddr::new(address.ip(), address.port().wrapping_add(1).max(1024));
        format!("cannot listen on {address}; another address: --listen {other} (make run LISTEN={other})")
    })
}

pub(crate) fn announce(address: SocketAddr) {
    let text = format!("goldstream is live: http://{address}");
    let line = "─".repeat(text.len() + 4);
    eprintln!("╭{line}╮\n│  {text}  │\n╰{line}╯");
}
