//! What a process tells people: its alerts and its reports, and who sends them where somebody is to be told.

use super::post::Post;
use super::sender::{Others, Sending};
use crate::alerts::channels::Channel;
use crate::api_settings::ApiSettings;
use crate::backend::Backend;
use anyhow::Context;
use goldstream_alerts::schedule::Reports;
use goldstream_api::alerting::{Alerting, Surroundings};
use goldstream_api::reporting::Reporting;
use goldstream_platform::clock::now_ms;
use goldstream_platform::secret::Secret;
use goldstream_platform::shutdown::Shutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long a message may take that is being sent when the end is wished.
const END_MAX: Duration = Duration::from_secs(5);

/// What a process tells.
pub(crate) struct Telling {
    /// Its alerts.
    pub(crate) alerting: Alerting,
    /// Its reports.
    pub(crate) reporting: Reporting,
    /// Who sends both.
    pub(crate) senders: Senders,
}

/// The tasks that send.
#[derive(Default)]
pub(crate) struct Senders(Vec<JoinHandle<()>>);

impl Senders {
    /// Waits until what is being sent is sent, for a while: of what is not said to be sent then, the receiver drops
    /// the repeat.
    pub(crate) async fn ended(self) {
        let all = async {
            for one in self.0 {
                if one.await.is_err() {
                    tracing::error!("a sender ended by a panic");
                }
            }
        };
        if tokio::time::timeout(END_MAX, all).await.is_err() {
            tracing::warn!("a message that was being sent is sent again by the next start");
        }
    }
}

/// Begins both.
pub(crate) fn begin(
    backend: &Backend,
    api: &ApiSettings,
    address: SocketAddr,
    shutdown: &Shutdown,
) -> anyhow::Result<Telling> {
    let documents = || Arc::clone(&backend.documents);
    let alerting = Alerting::new(Surroundings {
        documents: documents(),
        settings: api.alerts.clone(),
        looking: api.looking,
        currency: api.currency.clone(),
        page: format!("http://{address}"),
        new_shop,
    });
    let reporting = Reporting::new(documents(), api.report.clone(), new_shop);
    let by = Secret::random().context("there is no random number to be had")?;
    let by = by.expose();
    let mut senders = Senders::default();
    if alerting.watched().is_some() {
        senders.add(sending(&alerting, backend, by), &api.channels, shutdown);
    }
    if reporting.settings().is_some() {
        senders.add(sending(&reporting, backend, by), &api.report_channels, shutdown);
    } else if api.is_staying() {
        senders.0.push(tokio::spawn(switched_off(reporting.clone(), shutdown.clone())));
    }
    Ok(Telling { alerting, reporting, senders })
}

impl Senders {
    fn add<P: Post>(&mut self, sending: Sending<P>, channels: &[Channel], shutdown: &Shutdown) {
        self.0.push(tokio::spawn(sending.run(channels.to_vec(), shutdown.clone())));
    }
}

fn sending<P: Post>(post: &P, backend: &Backend, by: &str) -> Sending<P> {
    Sending {
        post: post.clone(),
        by: by.to_owned(),
        health: backend.health.clone(),
        others: if backend.dir().is_some() { Others::None } else { Others::Servers },
    }
}

/// A name for a shop that has none yet, which nobody else has.
fn new_shop() -> String {
    let random = Secret::random().map(|random| random.expose().to_owned());
    random.unwrap_or_else(|_| now_ms().to_string())
}

/// Whoever has reports sent again later is not sent one of the time between.
async fn switched_off(reporting: Reporting, mut shutdown: Shutdown) {
    /// Between two tries where the store is away.
    const PACE: Duration = Duration::from_secs(1);
    while reporting.change(Reports::switch_off).await.is_err() {
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            () = shutdown.wished() => return,
        }
    }
}
