//! The writer: the one thread that writes the file. It takes all that waits, writes it in one
//! transaction, and says so. Batches grow while a transaction is being made durable.

use super::damage::caught;
use super::file::FileError;
use super::images::{Extent, Flush};
use super::partitions::PlacedBlock;
use super::{Shared, State, Waiter};
use crate::limits::{FLUSH_INTERVAL, FLUSH_ROWS_MAX, PENDING_BYTES_MAX};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

/// One transaction's content, taken in one instant.
struct Work {
    blocks: Vec<PlacedBlock>,
    flush: Flush,
    waiters: Vec<Waiter>,
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
                    Ok(()) => done(shared, work),
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
    In(Duration),
    Never,
}

fn due(state: &State) -> Due {
    let unflushed = state.unflushed_since.map(|since| since.elapsed());
    let flush = unflushed.is_some_and(|age| age >= FLUSH_INTERVAL)
        || state.images.unflushed_rows() >= FLUSH_ROWS_MAX
        || (state.closing && (unflushed.is_some() || state.partitions.pending_bytes() > 0));
    if flush {
        return Due::Now(Extent::Everything);
    }
    let waiting = !state.waiters.is_empty() || state.partitions.bronze_waits();
    if waiting || state.partitions.pending_bytes() >= PENDING_BYTES_MAX {
        return Due::Now(Extent::Checkpoints);
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
    Work {
        blocks: state.partitions.take_pending(),
        flush: state.images.take_flush(extent),
        waiters: std::mem::take(&mut state.waiters),
    }
}

fn write(shared: &Shared, work: &Work) -> Result<(), FileError> {
    let write = shared.file.begin_write()?;
    write.put_blocks(work.blocks.iter().map(|placed| (placed.at, placed.first, &*placed.block)))?;
    work.flush.write(&write)?;
    write.commit()
}

fn done(shared: &Shared, work: Work) {
    let mut state = shared.lock();
    state.partitions.written(&work.blocks);
    state.images.flushed(&work.flush);
    drop(state);
    for waiter in work.waiters {
        // Who has stopped waiting need not hear it.
        waiter.send(()).unwrap_or_default();
    }
    shared.appended.send_modify(|count| *count += 1);
}

/// Nothing more is acknowledged; a restart goes on from what is in the file.
fn fail(shared: &Shared, error: &FileError) {
    let reason = format!(
        "the data file cannot be written: {error}; mend that (free some space?) and start again: all \
         that was acknowledged is there"
    );
    tracing::error!(%error, "the data file cannot be written");
    let mut state = shared.lock();
    state.failure = Some(reason.clone());
    state.waiters.clear();
    drop(state);
    shared.failed.send_replace(Some(reason));
}
