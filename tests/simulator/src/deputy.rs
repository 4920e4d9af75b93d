//! What a process with stages does for the generations of its store beside folding: the real switch, one look after
//! another, each question and each answer on its own way.

use crate::clock::{now_ms, steady_ms};
use crate::port::Handle;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::noop_waker_ref;
use goldstream_consumers::reach::ReachError;
use goldstream_consumers::switching::{Beside, Now, Switching, lift_left_behind};
use goldstream_platform::generations::Generation;
use goldstream_platform::ledger::{Found, Ledgers};
use goldstream_platform::limits::{COMMIT_PACE, LEDGER_PACE};
use goldstream_platform::log::Log;
use goldstream_platform::store::Store;
use std::task::{Context, Poll};

/// Ticks between two looks.
const TICKS: u128 = LEDGER_PACE.as_millis() / COMMIT_PACE.as_millis();

/// What a process has seen.
#[derive(Default)]
struct Seen {
    switching: Switching,
    /// The ledger as it was found last.
    ledger: String,
}

/// See the module.
pub(crate) struct Deputy {
    handle: Handle,
    /// That of its stages.
    generation: u32,
    looks: u64,
    ticks: u128,
    seen: Option<Seen>,
    look: Option<BoxFuture<'static, Seen>>,
}

impl Deputy {
    /// Of a process that folds this generation.
    pub(crate) fn new(handle: &Handle, generation: u32) -> Self {
        let (handle, seen) = (handle.clone(), Some(Seen::default()));
        Self { handle, generation, looks: 0, ticks: 0, seen, look: None }
    }

    /// Time passes.
    pub(crate) fn tick(&mut self) {
        self.ticks += 1;
        if !self.ticks.is_multiple_of(TICKS) {
            return;
        }
        let Some(mut seen) = self.seen.take() else { return };
        self.looks += 1;
        let seal = format!("{}.{}", self.handle.owner(), self.looks);
        let (handle, generation) = (self.handle.clone(), self.generation);
        let look = async move {
            // Who is not answered looks again.
            drop(look(handle, generation, &mut seen, &seal).await);
            seen
        };
        self.look = Some(look.boxed());
        self.poll();
    }

    /// Answers have come.
    pub(crate) fn poll(&mut self) {
        let Some(look) = &mut self.look else { return };
        let mut context = Context::from_waker(noop_waker_ref());
        if let Poll::Ready(seen) = look.poll_unpin(&mut context) {
            self.look = None;
            self.seen = Some(seen);
        }
    }
}

async fn look(
    handle: Handle,
    generation: u32,
    seen: &mut Seen,
    seal: &str,
) -> Result<(), ReachError> {
    let Some(found) = handle.found().await? else { return Ok(()) };
    if seen.ledger != found.text {
        *seen = Seen { switching: Switching::default(), ledger: found.text.clone() };
    }
    let now = Now { steady_ms: steady_ms(), wall_ms: now_ms() };
    let side =
        |next: &Generation| (next.number == generation).then(|| handle.of_generation(generation));
    look_at(&handle, &found, side, &mut seen.switching, (seal, now)).await
}

/// One look at a ledger. `side_of` is the next generation as this process folds it, if it does.
pub(crate) async fn look_at<S: Log + Store>(
    ledgers: &dyn Ledgers,
    found: &Found,
    side_of: impl Fn(&Generation) -> Option<S>,
    switching: &mut Switching,
    (seal, now): (&str, Now),
) -> Result<(), ReachError> {
    lift_left_behind(ledgers, found).await?;
    if let Some(expired) = found.ledger.expired(now.wall_ms) {
        ledgers.change(found, &expired).await?;
        return Ok(());
    }
    let Some(next) = &found.ledger.generations.next else { return Ok(()) };
    let Some(side) = side_of(next) else {
        return switching.mind_seal(ledgers, found, now).await.map(drop);
    };
    let beside = Beside { generation: next, log: &side, store: &side };
    switching.step(ledgers, (found, &beside), seal, now).await.map(drop)
}
