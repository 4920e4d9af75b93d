//! The model of the store: shards that are changed by compare-and-set commits, and the feed of them.
//! Every commit is kept in one order, so that a suffix of them can be lost, as in a failover.

use crate::scope::Scope;
use goldstream_domain::chain::SourceId;
use goldstream_domain::dedupe::Claim;
use goldstream_domain::gold::rows::{PlacedRow, Row, RowFate, Table};
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::{GoldHead, SilverHead};
use goldstream_platform::ledger::Found;
use goldstream_platform::store::{
    Changes, Commit, CommitError, Content, Image, Part, ShardId, SourceCheckpoint, StoreError,
};
use goldstream_platform::topology::Topology;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// All shards.
#[derive(Debug)]
pub struct Shards {
    shards: BTreeMap<ShardId, Shard>,
    journal: Vec<Written>,
    /// That of the first generation; none where nothing is stored.
    pub(crate) first: Option<Topology>,
    /// Which generations there are, once another one was begun.
    pub(crate) ledger: Option<Found>,
    /// None while the store is empty and nobody has looked at it.
    id: Option<u64>,
    ids_given: u64,
    /// Entries that each feed keeps.
    pub feed_entries_max: usize,
}

/// What was changed.
#[derive(Debug, Clone)]
pub(crate) enum Written {
    Commit(Arc<Commit>),
    Discard(ShardId),
    Ledger(Box<Found>),
    Seal(Vec<ShardId>, String),
    Lift(Vec<ShardId>, String),
}

#[derive(Debug, Default)]
struct Shard {
    position: u64,
    kept: Kept,
    feed: VecDeque<Arc<Commit>>,
    /// How many entries the feed has had.
    entries: u64,
    /// It holds half of a commit, and shows it.
    torn: bool,
    /// No commit is made to it while it bears one.
    seal: Option<String>,
}

#[derive(Debug, Default)]
enum Kept {
    #[default]
    Nothing,
    Silver(SilverHead, Vec<Claim>),
    Gold(GoldHead, BTreeMap<(Table, u32), Row>),
    Source(SourceCheckpoint),
}

impl Shards {
    /// A store without rows, whose feeds keep that many entries each.
    #[must_use]
    pub const fn new(feed_entries_max: usize, first: Topology) -> Self {
        Self {
            shards: BTreeMap::new(),
            journal: Vec::new(),
            first: Some(first),
            ledger: None,
            id: None,
            ids_given: 0,
            feed_entries_max,
        }
    }

    /// Which store it is; it gets a name from who looks first.
    pub const fn establish(&mut self) -> u64 {
        match self.id {
            Some(id) => id,
            None => {
                self.ids_given += 1;
                self.id = Some(self.ids_given);
                self.ids_given
            }
        }
    }

    /// Which store it is, none where it is empty.
    #[must_use]
    pub const fn id(&self) -> Option<u64> {
        self.id
    }

    /// The stored position.
    #[must_use]
    pub fn position(&self, shard: &ShardId) -> u64 {
        self.shards.get(shard).map_or(0, |shard| shard.position)
    }

    /// The seal that a shard bears.
    pub(crate) fn seal_of(&self, shard: &ShardId) -> Option<String> {
        self.shards.get(shard)?.seal.clone()
    }

    /// The shard as it is stored.
    ///
    /// # Errors
    /// Where it shows half of a commit.
    pub fn load(&self, shard: &ShardId, part: Part) -> Result<Image, StoreError> {
        let Some(stored) = self.shards.get(shard) else {
            return Ok(Image { position: 0, content: Content::Empty });
        };
        if stored.torn {
            return Err(torn(shard));
        }
        let content = match &stored.kept {
            Kept::Nothing => Content::Empty,
            Kept::Silver(head, claims) => {
                let claims = if part == Part::Whole { claims.clone() } else { Vec::new() };
                Content::Silver { head: head.clone(), claims }
            }
            Kept::Gold(head, rows) => {
                let placed = |((_, slot), row): (&(Table, u32), &Row)| PlacedRow {
                    slot: *slot,
                    row: row.clone(),
                };
                Content::Gold { head: head.clone(), rows: rows.iter().map(placed).collect() }
            }
            Kept::Source(checkpoint) => Content::Source(checkpoint.clone()),
        };
        Ok(Image { position: stored.position, content })
    }

    /// Makes a commit if its `from` is stored.
    ///
    /// # Errors
    /// [`CommitError`].
    pub fn commit(&mut self, commit: &Arc<Commit>) -> Result<(), CommitError> {
        self.establish();
        let shard = self.shards.entry(commit.shard.clone()).or_default();
        if shard.torn {
            return Err(torn(&commit.shard).into());
        }
        if shard.seal.is_some() && !planted::is(Bug::SealNotMinded) {
            return Err(StoreError::Unavailable("it is sealed".to_owned()).into());
        }
        let stored = shard.position;
        if stored != commit.from && !planted::is(Bug::NoCompareAndSet) {
            if stored != commit.to {
                return Err(CommitError::Refused { stored });
            }
            if planted::is(Bug::IncrementsNotAbsolute) {
                shard.count_again(commit);
            }
            return Ok(());
        }
        self.write(Written::Commit(Arc::clone(commit)));
        Ok(())
    }

    /// Forgets a shard.
    pub fn discard(&mut self, shard: &ShardId) {
        self.write(Written::Discard(shard.clone()));
    }

    /// Half of a commit is made, where it may be made at all: the shard is not what was written, and shows
    /// it. Gives whether it is.
    pub fn tear(&mut self, commit: &Commit) -> bool {
        let shard = self.shards.entry(commit.shard.clone()).or_default();
        shard.torn |= shard.position == commit.from;
        shard.torn
    }

    /// The last commits are lost, as in a failover to a server that had not got them yet.
    pub fn lose(&mut self, commits: usize) {
        let left = self.journal.len().saturating_sub(commits);
        let lost = self.journal.split_off(left);
        self.shards.clear();
        self.ledger = None;
        for written in std::mem::take(&mut self.journal) {
            self.write(written);
        }
        if planted::is(Bug::PositionBeforeState) {
            self.keep_positions(&lost);
        }
        if planted::is(Bug::DedupeNotRolledBack) {
            self.keep_claims(&lost);
        }
    }

    /// What is left of a store that keeps the ids apart from the position.
    fn keep_claims(&mut self, lost: &[Written]) {
        for written in lost {
            let Written::Commit(commit) = written else { continue };
            let Changes::Silver { claims, .. } = &commit.changes else { continue };
            let shard = self.shards.entry(commit.shard.clone()).or_default();
            if let Kept::Silver(_, all) = &mut shard.kept {
                all.extend_from_slice(claims);
            }
        }
    }

    /// What is left of a store that writes a position before the state that it is the position of.
    fn keep_positions(&mut self, lost: &[Written]) {
        let mut seen = std::collections::BTreeSet::new();
        for written in lost {
            let Written::Commit(commit) = written else { continue };
            let shard = self.shards.entry(commit.shard.clone()).or_default();
            if seen.insert(commit.shard.clone()) && shard.position == commit.from {
                shard.position = commit.to;
            }
        }
    }

    /// Something is written for good, and kept in order.
    pub(crate) fn write(&mut self, written: Written) {
        match &written {
            Written::Commit(commit) => {
                let shard = self.shards.entry(commit.shard.clone()).or_default();
                shard.apply(commit, self.feed_entries_max);
            }
            Written::Discard(shard) => drop(self.shards.remove(shard)),
            Written::Ledger(found) => self.ledger = Some((**found).clone()),
            Written::Seal(shards, seal) => {
                for shard in shards {
                    let shard = self.shards.entry(shard.clone()).or_default();
                    shard.seal.get_or_insert_with(|| seal.clone());
                }
            }
            Written::Lift(shards, seal) => {
                for shard in shards {
                    let shard = self.shards.entry(shard.clone()).or_default();
                    shard.seal.take_if(|stands| stands == seal);
                }
            }
        }
        self.journal.push(written);
    }

    /// Everything is lost.
    pub fn empty(&mut self) {
        self.shards.clear();
        self.journal.clear();
        (self.first, self.ledger, self.id) = (None, None, None);
    }

    /// Feeds keep only their newest entries from now on.
    pub fn trim_feeds(&mut self, entries: usize) {
        for shard in self.shards.values_mut() {
            let gone = shard.feed.len().saturating_sub(entries);
            shard.feed.drain(..gone);
        }
    }

    /// How many commits there were.
    #[must_use]
    pub const fn commits(&self) -> usize {
        self.journal.len()
    }

    /// Whether a shard of these generations shows half of a commit.
    #[must_use]
    pub fn is_torn(&self, generations: &[u32]) -> bool {
        let is_of = |shard: &ShardId| generations.contains(&Scope::of_shard(shard).0);
        self.shards.iter().any(|(id, shard)| shard.torn && is_of(id))
    }

    /// The sources that have a checkpoint.
    pub(crate) fn sources(&self) -> Vec<SourceId> {
        let source = |id: &ShardId| match id {
            ShardId::Source(source) => Some(SourceId::clone(source)),
            ShardId::Silver(_) | ShardId::Gold(_) => None,
        };
        self.shards.keys().filter_map(source).collect()
    }

    /// Names of the shards that there are.
    pub fn names(&self) -> impl Iterator<Item = &ShardId> {
        self.shards.keys()
    }

    /// The entry with this number, counted from 0, of a feed that has numbers of its own.
    #[must_use]
    pub fn numbered(&self, shard: &ShardId, number: u64) -> Option<&Arc<Commit>> {
        let feed = &self.shards.get(shard)?.feed;
        let gone = self.count(shard) - feed.len() as u64;
        feed.get(usize::try_from(number.checked_sub(gone)?).ok()?)
    }

    /// How many entries a feed has had.
    #[must_use]
    pub fn count(&self, shard: &ShardId) -> u64 {
        self.shards.get(shard).map_or(0, |shard| shard.entries)
    }

    /// The entries of a feed that reach beyond a position.
    pub fn feed(&self, shard: &ShardId, after: u64) -> impl Iterator<Item = &Arc<Commit>> {
        let feed = self.shards.get(shard).map(|shard| shard.feed.iter());
        feed.into_iter().flatten().filter(move |commit| commit.to > after)
    }
}

impl Shard {
    fn apply(&mut self, commit: &Arc<Commit>, feed_entries_max: usize) {
        self.position = commit.to;
        match &commit.changes {
            Changes::Silver { head, claims } => {
                let mut all = match std::mem::take(&mut self.kept) {
                    Kept::Silver(_, all) => all,
                    _ => Vec::new(),
                };
                all.extend_from_slice(claims);
                self.kept = Kept::Silver(head.clone(), all);
            }
            Changes::Gold { head, rows, .. } => {
                let mut all = match std::mem::take(&mut self.kept) {
                    Kept::Gold(_, all) => all,
                    _ => BTreeMap::new(),
                };
                for change in rows {
                    let place = (change.row.table(), change.slot);
                    match change.fate {
                        RowFate::Stands => all.insert(place, change.row.clone()),
                        RowFate::Deleted => all.remove(&place),
                    };
                }
                self.kept = Kept::Gold(head.clone(), all);
            }
            Changes::Source(checkpoint) => self.kept = Kept::Source(checkpoint.clone()),
        }
        if !matches!(commit.shard, ShardId::Source(_)) {
            self.entries += 1;
            self.feed.push_back(for_feed(commit));
            if self.feed.len() > feed_entries_max {
                self.feed.pop_front();
            }
        }
    }

    /// What a store does that adds instead of setting.
    fn count_again(&mut self, commit: &Commit) {
        let (Kept::Gold(_, all), Changes::Gold { rows, .. }) = (&mut self.kept, &commit.changes)
        else {
            return;
        };
        for change in rows {
            if let Some(Row::Day(day)) = all.get_mut(&(change.row.table(), change.slot)) {
                day.orders += 1;
            }
        }
    }
}

/// Readers of the feed need no claims.
fn for_feed(commit: &Arc<Commit>) -> Arc<Commit> {
    let Changes::Silver { head, .. } = &commit.changes else { return Arc::clone(commit) };
    let changes = Changes::Silver { head: head.clone(), claims: Vec::new() };
    Arc::new(Commit { changes, ..(**commit).clone() })
}

fn torn(shard: &ShardId) -> StoreError {
    StoreError::Torn(format!("{shard} holds half of a commit"))
}
