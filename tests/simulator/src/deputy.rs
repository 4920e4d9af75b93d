//! What a process with stages does for the generations of its store beside folding: the real switch, one look after
//! another, each question and each answer on its own way.

use crate::clock::{now_ms, steady_ms};
use crate::port::Handle;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::noop_waker_ref;
use goldstream_consumers::reach::ReachError;
use goldstream_consumers::switching::{Beside, Now, Switching, lift_left_behind};
use goldstream_platform::ledger::Ledgers;
use goldstream_platform::limits::{COMMIT_PACE, LEDGER_PACE};
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
    lift_left_behind(&handle, &found).await?;
    if let Some(expired) = found.ledger.expired(now_ms()) {
        handle.change(&found, &expired).await?;
        return Ok(());
    }
    let Some(next) = &found.ledger.generations.next else { return Ok(()) };
    let now = Now { steady_ms: steady_ms(), wall_ms: now_ms() };
    if next.number != generation {
        return seen.switching.mind_seal(&handle, &found, now).await.map(drop);
    }
    let side = handle.of_generation(generation);
    let beside = Beside { generation: next, log: &side, store: &side };
    seen.switching.step(&handle, (&found, &beside), seal, now).await.map(drop)
}
