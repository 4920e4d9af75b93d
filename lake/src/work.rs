//! What is done for a partition beside the loop: finding out what the lake has, rolling, merging. What fails for a
//! while is tried again until it is done; what will not work by itself is told.

use crate::entry::{Entry, Pending};
use crate::error::LakeError;
use crate::ledger::Ledger;
use crate::merge;
use crate::objects::Backoff;
use crate::roll::{self, Placement};
use goldstream_platform::health::Health;
use goldstream_platform::log::{Log, LogError, Topic};
use std::sync::Arc;

/// Under which troubles are told.
pub(crate) const NAME: &str = "lake";

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Find out what the lake has, and finish what was begun.
    Open,
    /// Write these records.
    Roll(Box<Entry>, Vec<Placement>, u64),
    /// Make small files one, as this entry announces.
    Merge(Box<Entry>),
    /// Remove files that are nobody's; this is the newest entry.
    Sweep(Box<Entry>),
}

/// What it takes.
#[derive(Clone)]
pub(crate) struct Tools {
    pub(crate) ledger: Ledger,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) generation: u32,
    pub(crate) health: Health,
}

impl Tools {
    /// Does it, however long it takes.
    ///
    /// # Errors
    /// What will not work by itself.
    pub(crate) async fn until_done(self, job: Job) -> Result<Entry, LakeError> {
        let mut backoff = Backoff::default();
        loop {
            match self.attempt(&job).await {
                Ok(entry) => {
                    self.health.clear(NAME);
                    return Ok(entry);
                }
                // It was begun, so it was permitted: somebody may be about to mend that.
                Err(error) if error.is_passing() || matches!(error, LakeError::Denied(_)) => {
                    self.health.report(NAME, away(&self.ledger, &error));
                    tracing::debug!(at = %self.ledger.at, %error, "the lake is tried again");
                    backoff.wait().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Does it, if it works this time.
    pub(crate) async fn attempt(&self, job: &Job) -> Result<Entry, LakeError> {
        let ledger = &self.ledger;
        match job {
            Job::Open => self.open().await,
            Job::Roll(entry, blocks, to) => {
                // What was read may be in memory only: after a crash other records would stand in its place.
                self.log.settle().await?;
                roll::roll(ledger, entry, blocks, *to).await
            }
            Job::Sweep(entry) => {
                ledger.sweep(entry).await?;
                Ok((**entry).clone())
            }
            Job::Merge(entry) => {
                let entry = ledger.append((**entry).clone()).await?;
                merge::finish(ledger, entry).await
            }
        }
    }

    async fn open(&self) -> Result<Entry, LakeError> {
        let ledger = &self.ledger;
        let newest = ledger.newest().await?;
        let mut entry = newest.unwrap_or_else(|| Entry::begun(ledger.at, self.generation));
        if let Some(anew) = entry.of_generation(ledger.at.topic, self.generation) {
            entry = ledger.append(anew).await?;
        }
        match must_be_of_log(ledger, &entry, &*self.log).await {
            // What follows from bronze may have come about anew, as in a log that was restored.
            Err(LakeError::Refused(_)) if !matches!(ledger.at.topic, Topic::Bronze(_)) => {
                tracing::info!(at = %ledger.at, "the log has other records than the lake, which is written anew");
                entry = ledger.append(entry.anew(entry.generation)).await?;
            }
            fits => fits?,
        }
        if let Some(Pending::Roll { to, last }) = entry.pending {
            entry = roll::make_announced(ledger, &entry, (to, last), &*self.log).await?;
        }
        entry = merge::finish(ledger, entry).await?;
        ledger.sweep(&entry).await?;
        Ok(entry)
    }
}

fn away(ledger: &Ledger, error: &LakeError) -> String {
    match error {
        LakeError::Log(error) => format!("{} cannot be read: {error}", ledger.at),
        error => format!("{} is away: {error}", ledger.lake.address()),
    }
}

/// Whether what the lake has of a partition was read from this log.
pub(crate) async fn must_be_of_log(
    ledger: &Ledger,
    entry: &Entry,
    log: &dyn Log,
) -> Result<(), LakeError> {
    let Some(last) = entry.last else { return Ok(()) };
    let (at, address) = (ledger.at, ledger.lake.address());
    let end = log.end(at).await?;
    let way = "give every store a lake of its own, or fill an empty log from this one: goldstream restore";
    if end <= last.position {
        let has = last.position + 1;
        return Err(LakeError::Refused(format!(
            "the lake at {address} has {has} records of {at}, but the log has {end}: it is of another store, or the log \
             lost records; {way}"
        )));
    }
    let Some(fetched) = log.read(at, last.position).await? else {
        return Err(LogError::Unavailable(format!("{at} cannot be read yet")).into());
    };
    for (position, record) in (fetched.first..).zip(fetched.block.records()) {
        let record = record?;
        if position == last.position && roll::mark(at.topic, position, record.payload)? != last {
            return Err(LakeError::Refused(format!(
                "the lake at {address} has another record at {at} {position} than the log: it is of another store; {way}"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{DataName, Dataset, Folder};
    use crate::testing::{MemoryLog, memory_lake, table_of};
    use goldstream_domain::column::Kind;
    use goldstream_domain::progress::LastApplied;
    use goldstream_domain::record::{BlockBuilder, Headers};
    use goldstream_platform::log::TopicPartition;
    use object_store::path::Path;

    #[tokio::test]
    async fn a_roll_that_was_begun_over_another_log_is_given_up() {
        let at = TopicPartition::new(Topic::Bronze(Kind::Customers), 0);
        let (lake, log) = (memory_lake(), Arc::new(MemoryLog::default()));
        let ledger = Ledger { lake: lake.clone(), at, writer: "a".to_owned() };
        // Two rows were announced and put, and then the log was lost.
        let begun = Entry::begun(at, 0);
        let last = Some(LastApplied::new(1, b"of the lost log"));
        ledger.append(begun.to_roll(2, last)).await.unwrap();
        let name = DataName {
            dataset: Dataset::of(at.topic)[0],
            folder: Folder::Flat,
            span: begun.span(2),
        };
        lake.put(&Path::from(name.path()), table_of(2, &[])).await.unwrap();
        let mut block = BlockBuilder::default();
        for _ in 0..3 {
            let headers = Headers { origin: None, ingested_at_ms: 5, line: None };
            block.push(headers, |out| out.extend_from_slice(b"\x01{}"));
        }
        log.add(at, block.take());
        let tools = Tools { ledger, log, generation: 0, health: Health::default() };
        let entry = tools.attempt(&Job::Open).await.unwrap();
        assert_eq!((entry.next, entry.pending, entry.files.len()), (0, None, 0));
        assert_eq!(lake.list(&Path::from("bronze/customers")).await.unwrap(), []);
    }
}
