//! One subscription: a version and a pace, nothing more. It decides what its next frame is; when it is
//! sent is for the session.

use super::beside::Seen;
use super::hub::{Frame, Hub, Next};
use super::message::ServerMessage;
use super::now::Now;
use super::request::After;
use super::view::FeedView;
use crate::view::state::State;
use goldstream_domain::planted::{self, Bug};
use std::sync::Arc;

/// What one client sees under one id.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) id: Arc<str>,
    pub(super) views: Arc<[FeedView]>,
    interval_ms: u64,
    epoch: Arc<str>,
    /// Version of the last frame.
    shown: u64,
    /// Nothing changed in its views from `shown` to here.
    checked: Seen,
    sent_ms: u64,
}

impl Subscription {
    /// One that has been shown nothing.
    pub(super) fn new(id: Arc<str>, views: Arc<[FeedView]>, interval_ms: u64) -> Self {
        let checked = Seen { version: 0, status: 0, alerts: 0 };
        Self { id, views, interval_ms, epoch: Arc::from(""), shown: 0, checked, sent_ms: 0 }
    }

    /// When it may get its next frame.
    pub(super) fn due_ms(&self) -> u64 {
        self.sent_ms + self.interval_ms
    }

    /// Its next frame, none where nothing changed in its views.
    pub(super) fn next(&mut self, now: Now, state: &State, hub: &Hub) -> Option<ServerMessage> {
        match hub.next(&self.views, &self.epoch, self.checked, state) {
            Next::Nothing(seen) => {
                self.checked = seen;
                None
            }
            Next::Update(frame) => Some(self.update(&frame, now)),
            Next::Snapshot(frame) => Some(self.snapshot(&frame, now)),
        }
    }

    /// Its first frame after a lost connection: what was missed, which may be nothing, or everything
    /// where that is not known any more.
    pub(super) fn resume(
        &mut self,
        after: After,
        now: Now,
        state: &State,
        hub: &Hub,
    ) -> ServerMessage {
        let After { epoch, version } = after;
        (self.epoch, self.shown) = (epoch.into(), version);
        // A status is never missed: the next one says all, and so do all the alerts.
        self.checked = Seen { version, status: 0, alerts: 0 };
        if planted::is(Bug::MissedNotTold) && *self.epoch == *state.stamp().epoch {
            self.checked.version = state.stamp().version;
        }
        if let Some(frame) = self.next(now, state, hub) {
            return frame;
        }
        self.update(&hub.nothing(&self.views, state), now)
    }

    pub(super) fn snapshot(&mut self, frame: &Frame, now: Now) -> ServerMessage {
        self.epoch = Arc::clone(&frame.epoch);
        self.sent(frame, now);
        ServerMessage::Snapshot {
            id: Arc::clone(&self.id),
            epoch: Arc::clone(&frame.epoch),
            version: frame.seen.version,
            as_of: frame.as_of.clone(),
            views: frame.views.clone(),
        }
    }

    fn update(&mut self, frame: &Frame, now: Now) -> ServerMessage {
        let prev = self.shown;
        self.sent(frame, now);
        ServerMessage::Update {
            id: Arc::clone(&self.id),
            epoch: Arc::clone(&frame.epoch),
            prev,
            version: frame.seen.version,
            as_of: frame.as_of.clone(),
            ingested_at: frame.ingested_at,
            views: frame.views.clone(),
        }
    }

    fn sent(&mut self, frame: &Frame, now: Now) {
        self.shown = frame.seen.version;
        self.checked = frame.seen;
        self.sent_ms = now.steady_ms;
    }
}
