//! Sends what waits in the store, each receiver apart: one that is down holds up neither the others nor the stream.

use super::channels::Channel;
use super::post::Post;
use goldstream_alerts::outbox::{Failed, Message, Outbox};
use goldstream_platform::clock::{now_ms, rfc3339};
use goldstream_platform::health::Health;
use goldstream_platform::shutdown::Shutdown;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// How often it is looked whether something is due.
const PACE: Duration = Duration::from_secs(1);

/// Who may send, beside this process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// Nobody: the store is this process's alone.
    None,
    /// Every server of the same store.
    Servers,
}

/// What every sender has.
#[derive(Clone)]
pub(super) struct Sending<P> {
    pub(super) post: P,
    /// The name of this process, which no other has.
    pub(super) by: String,
    pub(super) health: Health,
    pub(super) others: Others,
}

impl<P: Post> Sending<P> {
    /// Sends until the end is wished.
    pub(super) async fn run(self, channels: Vec<Channel>, shutdown: Shutdown) {
        let receivers = self.post.receivers();
        let others = self.others;
        let tidy = self.patiently(&shutdown, |outbox| {
            outbox.keep_only(&receivers);
            // Whoever had this store before is dead.
            if others == Others::None {
                outbox.free();
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
                tracing::error!("who sends {} ended by a panic", P::MESSAGE);
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
            if !self.post.may_send() || !self.post.outbox().is_due(by, to, now_ms()) {
                continue;
            }
            let claimed = self.post.change(|outbox| outbox.claim(by, to, now_ms())).await;
            // A store that is away is told by who looks what is to be told.
            if let Ok(Some(message)) = claimed {
                self.send(channel, &message, &shutdown).await;
            }
        }
    }

    async fn send(&self, channel: &Channel, message: &Message<P::Item>, shutdown: &Shutdown) {
        let name = P::trouble(&channel.name);
        let sent = match self.post.written(message).await {
            Ok(Some(written)) => channel.send(written).await,
            Ok(None) => Ok(()),
            Err(reason) => Err(reason),
        };
        let by = &*self.by;
        let Err(reason) = sent else {
            tracing::info!(to = %channel.name, id = %message.id, "{} is sent", P::MESSAGE);
            self.patiently(shutdown, |outbox| outbox.sent(message, by)).await;
            return self.health.clear(&name);
        };
        let mut failed = Failed::NotOurs;
        self.patiently(shutdown, |outbox| failed = outbox.failed(message, by, now_ms())).await;
        let more = match failed {
            Failed::AgainAt(at_ms) => format!("it is tried again at {}", rfc3339(at_ms)),
            Failed::GivenUp => "it was tried for a day, and is given up".to_owned(),
            Failed::NotOurs => return,
        };
        tracing::warn!(to = %channel.name, id = %message.id, "{} is not sent: {reason}; {more}", P::MESSAGE);
        self.health.report(name, format!("a message is not sent: {reason}; {more}"));
    }

    /// Changes what waits however long the store is away, unless the process ends meanwhile.
    async fn patiently(
        &self,
        shutdown: &Shutdown,
        mut change: impl FnMut(&mut Outbox<P::Item>) + Send,
    ) {
        while let Err(error) = self.post.change(&mut change).await {
            if shutdown.is_wished() {
                return tracing::warn!(%error, "what became of {} cannot be written", P::MESSAGE);
            }
            sleep(PACE).await;
        }
    }
}
