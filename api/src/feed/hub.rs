//! What all connections share: windows, frames that several of them get, and the last status. A frame is
//! made once for all subscriptions that have seen the same and wish the same.

use super::beside::{Beside, Seen, Status};
use super::message::{IngestedAt, Views};
use super::view::FeedView;
use super::views::{self, Windows};
use crate::alerting::Alert;
use crate::limits::{FRAME_SHARED_MAX, FRAMES_SHARED_MAX};
use crate::view::state::State;
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::clock::rfc3339;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Shared by all connections of a server.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    shared: Mutex<Shared>,
    beside: Mutex<Beside>,
    /// Snapshots for those who could not be told what they had missed.
    resyncs: AtomicU64,
}

#[derive(Debug, Default)]
struct Shared {
    /// Of which epoch all this is.
    epoch: Option<Arc<str>>,
    windows: Windows,
    frames: HashMap<FrameKey, (Instant, Arc<Frame>)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct FrameKey {
    views: Arc<[FeedView]>,
    /// None asks for everything.
    since: Option<Seen>,
}

/// What one frame shows.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) epoch: Arc<str>,
    pub(super) seen: Seen,
    pub(super) as_of: String,
    pub(super) ingested_at: Option<IngestedAt>,
    pub(super) views: Views,
}

/// What a subscription is to be shown next.
#[derive(Debug)]
pub(super) enum Next {
    /// Nothing: up to here its views did not change.
    Nothing(Seen),
    /// What changed.
    Update(Arc<Frame>),
    /// What changed is not known any more: everything.
    Snapshot(Arc<Frame>),
}

impl Hub {
    /// Everything that these views show.
    pub(super) fn snapshot(&self, views: &Arc<[FeedView]>, state: &State) -> Arc<Frame> {
        let mut shared = self.shared(state);
        let key = FrameKey { views: Arc::clone(views), since: None };
        let beside = self.beside_for(views);
        let now = Seen::at(state.stamp().version, &beside);
        let known = shared.frames.get(&key).map(|(_, frame)| frame);
        // Of this version exactly: who begins is not shown what is past.
        if let Some(frame) = known.filter(|it| it.seen == now) {
            return Arc::clone(frame);
        }
        let shown = views::whole(views, state, &mut shared.windows, &beside);
        Self::keep(&mut shared, key, frame(state, &beside, shown, None))
    }

    /// What changed in these views since what was seen in this epoch.
    pub(super) fn next(
        &self,
        views: &Arc<[FeedView]>,
        epoch: &str,
        seen: Seen,
        state: &State,
    ) -> Next {
        let stamp = state.stamp();
        let beside = self.beside_for(views);
        let is_same = *stamp.epoch == *epoch;
        let is_known = state.knows_since(seen.version) || planted::is(Bug::ForgottenChangesTold);
        if !is_same || !is_known {
            return self.resync(views, state);
        }
        let now = Seen::at(stamp.version, &beside);
        if now == seen {
            return Next::Nothing(seen);
        }
        let mut shared = self.shared(state);
        let key = FrameKey { views: Arc::clone(views), since: Some(seen) };
        let known = shared.frames.get(&key).filter(|(made, _)| made.elapsed() < FRAME_SHARED_MAX);
        if let Some((_, frame)) = known {
            return Next::Update(Arc::clone(frame));
        }
        let Some(delta) = views::since(views, state, &mut shared.windows, &beside, seen) else {
            drop(shared);
            return self.resync(views, state);
        };
        if delta.is_empty() {
            return Next::Nothing(now);
        }
        let frame = frame(state, &beside, delta.views, delta.ingested_at_ms);
        Next::Update(Self::keep(&mut shared, key, frame))
    }

    fn resync(&self, views: &Arc<[FeedView]>, state: &State) -> Next {
        self.resyncs.fetch_add(1, Ordering::Relaxed);
        Next::Snapshot(self.snapshot(views, state))
    }

    /// How often a snapshot was sent because what was missed was not known any more.
    pub(crate) fn resyncs(&self) -> u64 {
        self.resyncs.load(Ordering::Relaxed)
    }

    /// A frame that shows nothing new.
    pub(super) fn nothing(&self, views: &[FeedView], state: &State) -> Frame {
        frame(state, &self.beside_for(views), views::nothing(), None)
    }

    /// Tells the status from now on.
    pub(crate) fn tell_status(&self, body: Box<RawValue>) {
        let status = &mut self.beside().status;
        *status = Status { number: status.number + 1, body: Some(Arc::from(body)) };
    }

    /// Tells the alerts from now on, in this order.
    pub(crate) fn tell_alerts(&self, rows: Vec<Alert>) {
        let mut beside = self.beside();
        let alerts = Arc::make_mut(&mut beside.alerts);
        alerts.number += 1;
        alerts.window.look(alerts.number, rows.into_iter().map(|row| (row.id.clone(), row)));
    }

    /// What is told beside the numbers, for views that show it: others have nothing to do with its numbers, and
    /// share their frames whatever they are.
    fn beside_for(&self, views: &[FeedView]) -> Beside {
        let (wants_status, wants_alerts) =
            (views.contains(&FeedView::Status), views.contains(&FeedView::Alerts));
        if !wants_status && !wants_alerts {
            return Beside::default();
        }
        let beside = self.beside();
        let status = if wants_status { beside.status.clone() } else { Status::default() };
        let alerts = if wants_alerts { Arc::clone(&beside.alerts) } else { Arc::default() };
        Beside { status, alerts }
    }

    fn beside(&self) -> MutexGuard<'_, Beside> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of this epoch: nothing of another one is of use.
    fn shared(&self, state: &State) -> MutexGuard<'_, Shared> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = state.stamp().epoch;
        if shared.epoch.as_deref() != Some(&*epoch) {
            *shared = Shared { epoch: Some(epoch), ..Shared::default() };
        }
        shared
    }

    fn keep(shared: &mut Shared, key: FrameKey, frame: Frame) -> Arc<Frame> {
        if shared.frames.len() >= FRAMES_SHARED_MAX {
            shared.frames.clear();
        }
        let frame = Arc::new(frame);
        shared.frames.insert(key, (Instant::now(), Arc::clone(&frame)));
        frame
    }
}

fn frame(state: &State, beside: &Beside, views: Views, ingested_at_ms: Option<i64>) -> Frame {
    let stamp = state.stamp();
    Frame {
        epoch: stamp.epoch,
        seen: Seen::at(stamp.version, beside),
        as_of: rfc3339(stamp.as_of_ms),
        ingested_at: ingested_at_ms.map(IngestedAt),
        views,
    }
}
