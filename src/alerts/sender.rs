//! Sends what waits in the book of alerts, each receiver apart: one that is down holds up neither the others nor
//! the stream.

use super::channels::Channel;
use crate::api_settings::ApiSettings;
use crate::backend::Backend;
use anyhow::Context;
use goldstream_alerts::book::Book;
use goldstream_alerts::outbox::{Failed, Message};
use goldstream_api::alerting::{Alerting, Surroundings};
use goldstream_platform::clock::{now_ms, rfc3339};
use goldstream_platform::health::Health;
use goldstream_platform::secret::Secret;
use goldstream_platform::shutdown::Shutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// How often it is looked whether something is due.
const PACE: Duration = Duration::from_secs(1);

/// How long a message may take that is being sent when the end is wished.
const END_MAX: Duration = Duration::from_secs(5);

/// The book of alerts of a process, and who sends what waits in it, where somebody is to be told.
pub(crate) fn begin(
    backend: &Backend,
    api: &ApiSettings,
    address: SocketAddr,
    shutdown: &Shutdown,
) -> anyhow::Result<(Alerting, Option<JoinHandle<()>>)> {
    let new_shop = || {
        let random = Secret::random().map(|random| random.expose().to_owned());
        random.unwrap_or_else(|_| now_ms().to_string())
    };
    let alerting = Alerting::new(Surroundings {
        documents: Arc::clone(&backend.documents),
        settings: api.alerts.clone(),
        currency: api.currency.clone(),
        page: format!("http://{address}"),
        new_shop,
    });
    if alerting.settings().is_none() {
        return Ok((alerting, None));
    }
    let by = Secret::random().context("there is no random number to be had")?;
    let sending = Sending {
        alerting: alerting.clone(),
        by: by.expose().to_owned(),
        health: backend.health.clone(),
        others: if backend.dir().is_some() { Others::None } else { Others::Servers },
    };
    let sending = tokio::spawn(sending.run(api.channels.clone(), shutdown.clone()));
    Ok((alerting, Some(sending)))
}

/// Waits until what is being sent is sent, for a while: of what is not said to be sent then, the receiver drops
/// the repeat.
pub(crate) async fn ended(sending: Option<JoinHandle<()>>) {
    let Some(sending) = sending else { return };
    if tokio::time::timeout(END_MAX, sending).await.is_err() {
        tracing::warn!("an alert that was being sent is sent again by the next start");
    }
}

/// Who may send, beside this process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Nobody: the store is this process's alone.
    None,
    /// Every server of the same store.
    Servers,
}

/// What every sender has.
#[derive(Clone)]
struct Sending {
    alerting: Alerting,
    /// The name of this process, which no other has.
    by: String,
    health: Health,
    others: Others,
}

impl Sending {
    /// Sends until the end is wished.
    async fn run(self, channels: Vec<Channel>, shutdown: Shutdown) {
        let receivers = self.alerting.receivers();
        let others = self.others;
        let tidy = self.patiently(&shutdown, |book| {
            book.outbox.keep_only(&receivers);
            // Whoever had this store before is dead.
            if others == Others::None {
                book.outbox.free();
            }
        });
        tidy.await;
        let all = channels.into_iter().map(|channel| {
            let (sending, shutdown) = (self.clone(), shutdown.clone());
            tokio::spawn(async move { sending.serve(&channel, shutdown).await })
        });
        let all: Vec<_> = all.collect();
        for one in all {
            if one.await.is_err() {
                tracing::error!("a sender of alerts ended by a panic");
            }
        }
    }

    /// Sends to one receiver. What is being sent when the end is wished is sent to its end.
    async fn serve(&self, channel: &Channel, mut shutdown: Shutdown) {
        let mut ticks = interval(PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = shutdown.wished() => return,
            }
            let (by, to) = (&*self.by, &*channel.name);
            if !self.alerting.book().outbox.is_due(by, to, now_ms()) {
                continue;
            }
            let claimed = self.alerting.change(|book| book.outbox.claim(by, to, now_ms())).await;
            // A store that is away is told by who steps the book.
            if let Ok(Some(message)) = claimed {
                self.send(channel, &message, &shutdown).await;
            }
        }
    }

    async fn send(&self, channel: &Channel, message: &Message, shutdown: &Shutdown) {
        let name = format!("alerts to {}", channel.name);
        let sent = match self.alerting.written(message) {
            Some(written) => channel.send(written).await,
            None => Ok(()),
        };
        let by = &*self.by;
        let Err(reason) = sent else {
            tracing::info!(to = %channel.name, id = %message.id, "an alert is sent");
            self.patiently(shutdown, |book| book.outbox.sent(message, by)).await;
            return self.health.clear(&name);
        };
        let mut failed = Failed::NotOurs;
        self.patiently(shutdown, |book| failed = book.outbox.failed(message, by, now_ms())).await;
        let more = match failed {
            Failed::AgainAt(at_ms) => format!("it is tried again at {}", rfc3339(at_ms)),
            Failed::GivenUp => "it was tried for a day, and is given up".to_owned(),
            Failed::NotOurs => return,
        };
        tracing::warn!(to = %channel.name, id = %message.id, "an alert is not sent: {reason}; {more}");
        self.health.report(name, format!("a message is not sent: {reason}; {more}"));
    }

    /// Changes the book however long the store is away, unless the process ends meanwhile.
    async fn patiently(&self, shutdown: &Shutdown, mut change: impl FnMut(&mut Book)) {
        while let Err(error) = self.alerting.change(&mut change).await {
            if shutdown.is_wished() {
                return tracing::warn!(%error, "the book of alerts cannot be written");
            }
            sleep(PACE).await;
        }
    }
}
