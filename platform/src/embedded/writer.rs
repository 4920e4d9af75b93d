//! The writer: the one thread that writes the file. It takes all that waits, writes it in one
//! transaction, and says so. Batches grow while a transaction is being made durable.

use super::asked::Asked;
use super::damage::caught;
use super::file::FileError;
use super::images::Extent;
use super::opening;
use super::partitions::PlacedBlock;
use super::shared::{Shared, State, Waiter};
use super::stored::Flush;
use crate::generations::Generations;
use crate::limits::{FLUSH_INTERVAL, FLUSH_ROWS_MAX, PENDING_BYTES_MAX};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

/// One transaction's content, taken in one instant.
struct Work {
    blocks: Vec<PlacedBlock>,
    flush: Flush,
    waiters: Vec<Waiter>,
    /// What becomes of the generations, and what they are then.
    change: Option<(Asked, Generations)>,
}

/// Runs until the log is closed and everything is written, or the file fails.
pub(super) fn run(shared: &Shared) {
    let mut state = shared.lock();
    loop {
        let closing = state.closing;
        state = match due(&state) {
            Due::Now(extent) => {
                let work = take(&mut state, extent);
                drop(state);
                let written = caught(|| write(shared, &work));
                match written {
                    Ok(()) => {
                        if let Err(error) = caught(|| done(shared, work)) {
                            return fail(shared, &error);
                        }
                    }
                    Err(error) => return fail(shared, &error),
                }
                shared.lock()
            }
            Due::Cleaning => {
                let generations = state.generations.clone();
                drop(state);
                match caught(|| clean(shared, generations.clone())) {
                    Ok(()) => shared.lock().generations.stale.clear(),
                    Err(error) => return fail(shared, &error),
                }
                shared.lock()
            }
            Due::Never if closing => return,
            Due::Never => wait(shared, state, FLUSH_INTERVAL),
            Due::In(time) => wait(shared, state, time),
        };
    }
}

enum Due {
    Now(Extent),
    /// A generation is to be removed.
    Cleaning,
    In(Duration),
    Never,
}

fn due(state: &State) -> Due {
    let unflushed = state.unflushed_since.map(|since| since.elapsed());
    let flush = state.asked.is_some()
        || unflushed.is_some_and(|age| age >= FLUSH_INTERVAL)
        || state.images.unflushed_rows() >= FLUSH_ROWS_MAX
        || (state.closing && (unflushed.is_some() || state.partitions.pending_bytes() > 0));
    if flush {
        return Due::Now(Extent::Everything);
    }
    let waiting = !state.waiters.is_empty() || state.partitions.bronze_waits();
    if waiting || state.partitions.pending_bytes() >= PENDING_BYTES_MAX {
        return Due::Now(Extent::Checkpoints);
    }
    if !state.generations.stale.is_empty() {
        return Due::Cleaning;
    }
    unflushed.map_or(Due::Never, |age| Due::In(FLUSH_INTERVAL.saturating_sub(age)))
}

fn wait<'a>(
    shared: &'a Shared,
    state: MutexGuard<'a, State>,
    time: Duration,
) -> MutexGuard<'a, State> {
    shared.work.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
}

/// Blocks and state are taken together: whatever the state reflects is in the file or among the blocks.
fn take(state: &mut State, extent: Extent) -> Work {
    if extent == Extent::Everything {
        state.unflushed_since = None;
    }
    let asked = state.asked.take();
    Work {
        change: asked.map(|asked| {
            let after = asked.applied_to(&state.generations);
            (asked, after)
        }),
        blocks: state.partitions.take_pending(),
        flush: state.images.take_flush(extent),
        waiters: std::mem::take(&mut state.waiters),
    }
}

fn write(shared: &Shared, work: &Work) -> Result<(), FileError> {
    let write = shared.file.begin_write()?;
    write.put_blocks(work.blocks.iter().map(|placed| (placed.at, placed.first, &*placed.block)))?;
    work.flush.write(&write)?;
    if let Some((_, generations)) = &work.change {
        opening::store(&write, generations)?;
    }
    write.commit()
}

fn clean(shared: &Shared, mut generations: Generations) -> Result<(), FileError> {
    let write = shared.file.begin_write()?;
    opening::clean(&write, &mut generations)?;
    write.commit()
}

fn done(shared: &Shared, work: Work) -> Result<(), FileError> {
    let mut state = shared.lock();
    state.partitions.written(&work.blocks);
    state.images.flushed(&work.flush);
    let change = match work.change {
        Some((asked, generations)) => {
            state.set_generations(generations, &shared.file)?;
            Some(asked.done)
        }
        None => None,
    };
    drop(state);
    if let Some(done) = change {
        // Followers see by it that another one is served.
        shared.committed.send_modify(|count| *count += 1);
        done.send(()).unwrap_or_default();
    }
    for waiter in work.waiters {
        // Who has stopped waiting need not hear it.
        waiter.send(()).unwrap_or_default();
    }
    shared.appended.send_modify(|count| *count += 1);
    Ok(())
}

/// Nothing more is acknowledged; a restart goes on from what is in the file.
fn fail(shared: &Shared, error: &FileError) {
    let mut state = shared.lock();
    let way_out = match state.generations.next {
        Some(_) => "; a rebuild is under way, and goldstream rebuild --abandon gives it up",
        None => "",
    };
    let reason = format!(
        "the data file cannot be written: {error}; mend that (free some space?) and start again: all \
         that was acknowledged is there{way_out}"
    );
    tracing::error!(%error, "the data file cannot be written");
    state.failure = Some(reason.clone());
    state.waiters.clear();
    state.asked = None;
    drop(state);
    shared.failed.send_replace(Some(reason));
}
