//! One partition of the log on its way into the lake: what of it waits, and what is being done. It reads no log and
//! puts nothing; `work` has what is done beside the loop.

use crate::entry::Entry;
use crate::ledger::Ledger;
use crate::roll::Placement;
use crate::work::Job;
use goldstream_platform::limits::{DAMAGED_READS_MAX, RETRY_LAST};
use goldstream_platform::log::{Fetched, LogError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// When what waits is written.
#[derive(Debug, Clone, Copy)]
pub struct RollWhen {
    /// Once it is so many records …
    pub rows: u64,
    /// … or so old.
    pub age_max: Duration,
}

/// How far it is.
#[derive(Debug)]
enum Phase {
    /// What the lake has is not known yet, or something is being written.
    Busy,
    /// All that is known is done.
    Ready,
    /// It must not go on until a person acts.
    Refused(String),
}

/// A partition.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) ledger: Ledger,
    phase: Phase,
    /// What the lake has; before that is known, nothing.
    pub(crate) entry: Option<Entry>,
    waiting: Vec<Placement>,
    waiting_bytes: usize,
    /// The first position that has not come yet.
    read_to: u64,
    is_asked: bool,
    /// Reads in a row that said that the log is damaged.
    damaged_reads: u32,
    /// Not before is it asked again, after a read that failed.
    asks_at: Option<Instant>,
    /// Whether there may be files to be made one.
    may_merge: bool,
    since: Option<Instant>,
    /// Where the log ended when it was heard of last.
    end: u64,
    /// What is to be written before somebody goes on.
    must_reach: Option<u64>,
}

impl Shard {
    pub(crate) fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            phase: Phase::Busy,
            entry: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
            read_to: 0,
            is_asked: false,
            damaged_reads: 0,
            asks_at: None,
            may_merge: false,
            since: None,
            end: 0,
            must_reach: None,
        }
    }

    /// It is known what the lake has: what waits of that is forgotten.
    pub(crate) fn opened(&mut self, entry: Entry) {
        self.read_to = entry.next;
        self.end = self.end.max(entry.next);
        self.entry = Some(entry);
        self.forget_waiting();
        self.may_merge = true;
        self.phase = Phase::Ready;
    }

    /// Something is written.
    pub(crate) fn written(&mut self, entry: Entry) {
        self.entry = Some(entry);
        self.may_merge = true;
        self.phase = Phase::Ready;
    }

    /// It must not go on until a person acts.
    pub(crate) fn refuse(&mut self, why: String) {
        self.forget_waiting();
        self.phase = Phase::Refused(why);
    }

    fn forget_waiting(&mut self) {
        self.waiting.clear();
        (self.waiting_bytes, self.since) = (0, None);
    }

    /// Records have come.
    pub(crate) fn take(&mut self, fetched: &Fetched, now: Instant) {
        self.is_asked = false;
        (self.damaged_reads, self.asks_at) = (0, None);
        self.end = self.end.max(fetched.end);
        let behind = fetched.first + fetched.block.len();
        // Of a request before it was opened anew.
        if fetched.first > self.read_to || behind <= self.read_to || self.entry.is_none() {
            return;
        }
        self.read_to = behind;
        self.end = self.end.max(behind);
        self.waiting_bytes += fetched.block.size_bytes();
        self.waiting.push((fetched.first, Arc::clone(&fetched.block)));
        self.since.get_or_insert(now);
    }

    /// The request was not answered with records. It is made again after a while, unless that is in vain.
    pub(crate) fn not_read(&mut self, error: &LogError, now: Instant) {
        self.is_asked = false;
        self.asks_at = Some(now + RETRY_LAST);
        let is_damaged = matches!(error, LogError::Damaged(_));
        self.damaged_reads = if is_damaged { self.damaged_reads + 1 } else { 0 };
        if self.damaged_reads >= DAMAGED_READS_MAX || matches!(error, LogError::Stopped(_)) {
            self.refuse(error.to_string());
        }
    }

    /// From where records are to be asked for, if they are.
    pub(crate) fn asks(&mut self, when: &RollWhen, now: Instant) -> Option<u64> {
        let may = self.entry.is_some() && !matches!(self.phase, Phase::Refused(_));
        let is_early = self.asks_at.is_some_and(|at| now < at);
        if self.is_asked || is_early || !may || self.waiting_rows() >= when.rows {
            return None;
        }
        self.is_asked = true;
        Some(self.read_to)
    }

    /// Whether what waits is to be written now.
    pub(crate) fn is_due(&self, when: &RollWhen, now: Instant) -> bool {
        let Some(since) = self.since.filter(|_| self.is_idle()) else { return false };
        let is_wanted = self.must_reach.is_some_and(|to| self.next() < to && self.read_to >= to);
        is_wanted
            || self.waiting_rows() >= when.rows
            || now.saturating_duration_since(since) >= when.age_max
    }

    /// Whether something may be begun.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Ready)
    }

    /// Bytes that wait.
    pub(crate) const fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Hands over what waits to be written, if anything does.
    pub(crate) fn begin_roll(&mut self) -> Option<Job> {
        let entry = self.entry.clone().filter(|_| !self.waiting.is_empty())?;
        self.phase = Phase::Busy;
        (self.waiting_bytes, self.since) = (0, None);
        Some(Job::Roll(Box::new(entry), std::mem::take(&mut self.waiting), self.read_to))
    }

    /// Hands over what is to be made one, if anything is.
    pub(crate) fn begin_merge(&mut self) -> Option<Job> {
        let entry = self.entry.as_ref().filter(|_| self.is_idle())?;
        if !std::mem::take(&mut self.may_merge) {
            return None;
        }
        let merge = entry.to_merge(self.ledger.at.topic)?;
        self.phase = Phase::Busy;
        Some(Job::Merge(Box::new(merge)))
    }

    /// Has files looked for that are nobody's, if nothing else is being done.
    pub(crate) fn begin_sweep(&mut self) -> Option<Job> {
        let entry = self.entry.clone().filter(|_| self.is_idle())?;
        self.phase = Phase::Busy;
        Some(Job::Sweep(Box::new(entry)))
    }

    /// Somebody waits until all before that position is in the lake.
    pub(crate) fn must_reach(&mut self, end: u64) {
        self.end = self.end.max(end);
        self.must_reach = self.must_reach.max(Some(end));
    }

    /// Whether it is known up to where somebody waits for it.
    pub(crate) const fn is_wanted(&self) -> bool {
        self.must_reach.is_some()
    }

    /// Somebody begins to wait: up to where, is to be asked.
    pub(crate) const fn is_wanted_anew(&mut self) {
        self.must_reach = None;
    }

    /// Whether all that somebody waits for is in the lake; the reason where it will not come. How much that is must
    /// be known.
    pub(crate) fn has_reached(&self) -> Result<bool, String> {
        match &self.phase {
            Phase::Refused(why) => Err(why.clone()),
            Phase::Busy => Ok(false),
            Phase::Ready => Ok(self.must_reach.is_some_and(|to| self.next() >= to)),
        }
    }

    /// Records of the log that are not in the lake.
    pub(crate) fn lag_records(&self) -> u64 {
        self.end.saturating_sub(self.next())
    }

    /// The log ends there.
    pub(crate) fn note_end(&mut self, end: u64) {
        self.end = end.max(self.read_to);
        // What is begun anew is missed by readers.
        if self.entry.as_ref().is_some_and(|entry| entry.epoch > 0 && entry.next == 0) {
            self.must_reach(end);
        }
    }

    fn next(&self) -> u64 {
        self.entry.as_ref().map_or(0, |entry| entry.next)
    }

    fn waiting_rows(&self) -> u64 {
        match self.waiting.first() {
            Some((first, _)) => self.read_to - *first,
            None => 0,
        }
    }
}
