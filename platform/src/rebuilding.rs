//! A rebuild beside what is served, as the roles of one process see it: how far it is, and the wish for one.
//! Written by who folds, read by status, questions and proofs. It folds nothing.

use crate::clock::now_ms;
use crate::generations::Generation;
use crate::topology::Topology;
use goldstream_domain::clean::Rules;
use std::sync::Arc;
use tokio::sync::watch;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Whether it is only to be compared with what is served, and goes on until it is given up.
    pub is_shadow: bool,
    /// Number of the generation that is being folded.
    pub generation: u32,
    /// Of its rules.
    pub logic_version: u32,
    /// Rows that it has counted.
    pub rows: u64,
    /// Rows that are there.
    pub of_rows: u64,
    /// Those that it had counted when this process began to fold it.
    pub rows_before: u64,
    /// When that was: milliseconds since 1970 UTC.
    pub started_at_ms: i64,
}

impl Progress {
    /// That of one that begins now, before it is known how far it is.
    pub fn begun(generation: Generation) -> Self {
        let Generation { number, topology, is_shadow } = generation;
        Self {
            is_shadow,
            generation: number,
            logic_version: topology.logic_version,
            rows: 0,
            of_rows: 0,
            rows_before: 0,
            started_at_ms: now_ms(),
        }
    }

    /// Of all rows, rounded down, so that 100 is all.
    #[must_use]
    pub fn percent(&self) -> u64 {
        (self.rows.min(self.of_rows) * 100).checked_div(self.of_rows).unwrap_or_default()
    }

    /// When it ends if it goes on like this: milliseconds since 1970 UTC. None before it has gone on.
    #[must_use]
    pub fn ends_at_ms(&self, now_ms: i64) -> Option<i64> {
        let done = i128::from(self.rows.checked_sub(self.rows_before)?);
        let left = i128::from(self.of_rows.saturating_sub(self.rows));
        let took_ms = i128::from(now_ms.checked_sub(self.started_at_ms)?);
        let wait_ms = (left * took_ms).checked_div(done)?;
        now_ms.checked_add(i64::try_from(wait_ms).ok()?)
    }
}

/// What is known at one moment.
#[derive(Debug, Clone, Default)]
struct Seen {
    served: Option<Generation>,
    progress: Option<Progress>,
}

impl Seen {
    /// It is under way from the moment at which it is wished, so that nobody takes the time before for its end.
    /// Whether the wish is to be told; none is to be begun where one is under way.
    fn note_wish(&mut self, wish: Wish) -> Result<bool, NotBegun> {
        let Some(served) = &self.served else { return Err(NotBegun::NotHere) };
        if wish == Wish::Abandon {
            return Ok(self.progress.is_some());
        }
        match self.progress {
            Some(_) if wish == Wish::Back => return Err(NotBegun::UnderWay),
            Some(progress) if !progress.is_shadow => return Ok(false),
            _ => {}
        }
        let is_shadow = matches!(wish, Wish::Anew(Anew { is_shadow: true, .. }));
        let topology = Topology::of_this_version(served.topology.partitions);
        let begun = Generation { is_shadow, ..Generation::new(served.number + 1, topology) };
        self.progress = Some(Progress::begun(begun));
        Ok(true)
    }
}

/// How all rows are counted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anew {
    /// How long what is served now is kept afterwards: milliseconds; 0 is not at all.
    pub keep_old_ms: i64,
    /// How far ahead of its ingestion a purchase may lie; none is as it is now.
    pub future_days: Option<u32>,
    /// Whether it is only to be compared with what is served.
    pub is_shadow: bool,
}

impl Anew {
    /// To be served, by the rules of now.
    #[must_use]
    pub const fn served(keep_old_ms: i64) -> Self {
        Self { keep_old_ms, future_days: None, is_shadow: false }
    }
}

/// What somebody wishes of who folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// All rows are counted again. A shadow by the same rules is served.
    Anew(Anew),
    /// What was served before is served again.
    Back,
    /// One that is under way is given up.
    Abandon,
}

/// Shared by all roles of a process. Without anybody who folds beside it knows nothing, and takes no wish.
#[derive(Debug, Clone, Default)]
pub struct Rebuilding {
    seen: Arc<watch::Sender<Seen>>,
    wishes: Arc<watch::Sender<Option<Wish>>>,
}

/// Why none is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    /// Nobody of this process could do it.
    #[error("this process does not fold: give goldstream rebuild where the consumers run")]
    NotHere,
    /// The way back cannot be taken while all rows are counted again.
    #[error("a rebuild is under way: wait for it, or goldstream rebuild --abandon")]
    UnderWay,
    /// Nothing that was served before is there any more.
    #[error("no generation is kept that could be served again")]
    NothingKept,
    /// What is served was folded by a later version, which is the one to do it again.
    #[error("what is served was folded by a later version: give it to that one")]
    Newer,
}

impl Rebuilding {
    /// Says what is served, and what is to be folded beside it, before it is known how far that is.
    pub fn announce(&self, served: Generation, next: Option<Generation>) {
        let progress = next.map(Progress::begun);
        self.tell(served, progress);
    }

    /// Says what is served, and how far what is folded beside it is.
    pub fn tell(&self, served: Generation, progress: Option<Progress>) {
        self.seen.send_replace(Seen { served: Some(served), progress });
    }

    /// How far the rebuild is; none where there is none.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.seen.borrow().progress
    }

    /// What is served, where somebody folds beside it.
    #[must_use]
    pub fn served(&self) -> Option<Generation> {
        self.seen.borrow().served.clone()
    }

    /// The rules of what is served, where somebody folds beside it.
    #[must_use]
    pub fn rules(&self) -> Option<Rules> {
        self.seen.borrow().served.as_ref().map(|served| served.topology.rules())
    }

    /// Whether what is served stands still, for its rules are those of an older version.
    #[must_use]
    pub fn serves_older_rules(&self) -> bool {
        self.seen.borrow().served.as_ref().is_some_and(|served| !served.is_of_this_version())
    }

    /// Resolves once no rebuild is under way that takes the place of what is served; `hear` is told how far it is
    /// until then.
    pub async fn until_over(&self, mut hear: impl FnMut(Progress)) {
        // One receiver all the while: what is told while it listens elsewhere is not missed.
        let mut seen = self.seen.subscribe();
        loop {
            let progress = seen.borrow_and_update().progress;
            let Some(progress) = progress.filter(|it| !it.is_shadow) else { return };
            hear(progress);
            // The sender lives as long as this.
            seen.changed().await.unwrap_or_default();
        }
    }

    /// Asks who folds for one where none is under way, or to give that up.
    ///
    /// # Errors
    /// [`NotBegun`].
    pub fn wish(&self, wish: Wish) -> Result<(), NotBegun> {
        let mut noted = Ok(false);
        self.seen.send_if_modified(|seen| {
            noted = seen.note_wish(wish);
            noted == Ok(true)
        });
        if noted? {
            self.wishes.send_replace(Some(wish));
        }
        Ok(())
    }

    /// The wishes, for who folds.
    #[must_use]
    pub fn wishes(&self) -> watch::Receiver<Option<Wish>> {
        self.wishes.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::LOGIC_VERSION;

    fn at(rows: u64) -> Progress {
        Progress {
            is_shadow: false,
            generation: 1,
            logic_version: 2,
            rows,
            of_rows: 1000,
            rows_before: 100,
            started_at_ms: 5_000,
        }
    }

    #[test]
    fn it_ends_when_the_rest_takes_as_long_as_what_was_done() {
        assert_eq!(at(400).ends_at_ms(6_000), Some(8_000));
        assert_eq!((at(400).percent(), at(999).percent(), at(1000).percent()), (40, 99, 100));
        assert_eq!(at(100).ends_at_ms(6_000), None, "it has not gone on");
        assert_eq!(at(0).ends_at_ms(6_000), None, "it began anew");
        assert_eq!(Progress { of_rows: 0, ..at(0) }.percent(), 0, "nothing is known yet");
    }

    #[test]
    fn a_wish_is_taken_where_somebody_folds_and_none_is_under_way() {
        let rebuilding = Rebuilding::default();
        let wishes = rebuilding.wishes();
        let anew = Wish::Anew(Anew::served(5));
        assert_eq!(rebuilding.wish(anew), Err(NotBegun::NotHere));
        let topology = Topology::of_this_version(2);
        let served = Generation::new(0, topology);
        rebuilding.tell(served.clone(), Some(at(400)));
        assert_eq!(rebuilding.wish(anew), Ok(()));
        assert!(!wishes.has_changed().unwrap());
        rebuilding.tell(served, None);
        assert_eq!(rebuilding.wish(anew), Ok(()));
        assert!(wishes.has_changed().unwrap());
        assert!(rebuilding.progress().is_some(), "whoever asks when it is over waits for it");
        assert_eq!((rebuilding.wish(anew), *wishes.borrow()), (Ok(()), Some(anew)));
        assert_eq!(rebuilding.wish(Wish::Back), Err(NotBegun::UnderWay));
    }

    #[tokio::test]
    async fn the_end_is_heard_though_it_comes_while_progress_is_shown() {
        let rebuilding = Rebuilding::default();
        let served = Generation::new(0, Topology::of_this_version(2));
        rebuilding.tell(served.clone(), Some(at(400)));
        let mut shown = Vec::new();
        rebuilding
            .until_over(|progress| {
                shown.push(progress.rows);
                rebuilding.tell(served.clone(), (progress.rows < 500).then(|| at(600)));
            })
            .await;
        assert_eq!(shown, [400, 600]);
    }

    #[test]
    fn what_an_older_version_folded_is_known_as_such() {
        let rebuilding = Rebuilding::default();
        assert!(!rebuilding.serves_older_rules());
        let older = Topology { logic_version: LOGIC_VERSION - 1, ..Topology::of_this_version(2) };
        rebuilding.tell(Generation::new(0, older), None);
        assert!(rebuilding.serves_older_rules());
    }
}
