//! The demo: a shop that has been open for thirteen months and goes on selling.
//!
//! All its rows are two sequences that follow from the shop's first day, customers and purchases in the
//! order of time. They are replayed as two files are that grow: what is missing up to now comes at once,
//! whether it is the history, the days on which the demo did not run or the last minute; then each row
//! as the shop's clock gets there. Where it was left is what the log has of them.

mod rush;
mod stream;

#[cfg(test)]
mod tests;

use crate::input::{Input, NamedInput};
use crate::replay::{AtEnd, Replay, ReplayError};
use crate::resume::read_sent;
use crate::sample::{DailyShop, Plan};
use goldstream_domain::column::Kind;
use goldstream_domain::moment::Day;
use goldstream_domain::record::Origin;
use goldstream_platform::limits::{RETRY_FIRST, RETRY_LAST};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::shop_clock::ShopClock;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::{Content, Part, ShardId, SourceCheckpoint, Store, StoreError};
use std::sync::Arc;
use stream::Stream;

/// What the names of its inputs begin with: this way of making rows. Another one has another name.
const INPUTS: &str = "demo3";
/// What they began with in earlier versions.
const EARLIER: [&str; 2] = ["sample", "demo2"];

/// Why a demo cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its rows cannot be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The store holds another version's shop.
    #[error(
        "the demo shop in this store was made by an earlier version, which sold other things; \
         goldstream reset --yes over the same store removes it"
    )]
    Earlier,
}

impl From<LogError> for DemoError {
    fn from(error: LogError) -> Self {
        Self::Replay(error.into())
    }
}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Replay(error.into())
    }
}

/// The demo's shop over a log and a store.
pub struct Demo {
    /// Where rows go.
    pub log: Arc<dyn Log>,
    /// Where checkpoints are kept.
    pub store: Arc<dyn Store>,
    /// Partitions of every topic.
    pub partitions: u32,
    /// The shop's clock.
    pub clock: ShopClock,
}

impl Demo {
    /// The inputs as they were left. Waits for a log or a store that is away; none where the end is
    /// wished before.
    ///
    /// # Errors
    /// [`DemoError`], not where log or store may come back.
    pub async fn inputs(
        &self,
        shutdown: &mut Shutdown,
    ) -> Result<Option<Vec<NamedInput>>, DemoError> {
        let mut wait = RETRY_FIRST;
        loop {
            match self.found().await {
                Err(DemoError::Replay(error)) if error.may_pass() => {
                    tracing::warn!(%error, "looking again for the demo's history");
                }
                found => return found.map(Some),
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(RETRY_LAST),
                () = shutdown.wished() => return Ok(None),
            }
        }
    }

    /// Replays the inputs, and has a rush hour where one is asked for.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn play(self, replay: Replay, shutdown: Shutdown) -> Result<(), ReplayError> {
        if replay.at_end == AtEnd::Stop {
            return replay.run(shutdown).await;
        }
        let Self { log, partitions, clock, .. } = self;
        let shop = DailyShop::new(first_day_of(&replay.inputs).unwrap_or(clock.now().day()));
        let rushes = rush::sell(shop, &clock, &*log, partitions, shutdown.clone());
        tokio::try_join!(replay.run(shutdown), async { Ok(rushes.await?) })?;
        Ok(())
    }

    async fn found(&self) -> Result<Vec<NamedInput>, DemoError> {
        let first_day = self.first_day().await?;
        let mut inputs = Vec::new();
        for kind in Kind::ALL {
            let key = format!("{INPUTS}:{}:{first_day}", kind.name());
            let sent_rows = self.sent_rows(kind, &key).await?;
            let stream = Stream::new(kind, first_day, self.clock.clone(), sent_rows);
            let input = Input::Made(Arc::new(stream));
            inputs.push(NamedInput { kind, key: key.into(), input });
        }
        Ok(inputs)
    }

    /// The day on which the shop opened: where it is begun, that of thirteen months before, the same
    /// ever after. The log knows it by the name of the source of its first rows.
    async fn first_day(&self) -> Result<Day, DemoError> {
        for partition in 0..self.partitions {
            let at = TopicPartition::new(Topic::Bronze(Kind::Customers), partition);
            let mut position = 0;
            while let Some(fetched) = self.log.read(at, position).await? {
                position = fetched.first + fetched.block.len();
                let origins = fetched.block.records().filter_map(|it| it.ok()?.headers.origin);
                for Origin { source_id, .. } in origins {
                    if let Some(day) = day_in(source_id) {
                        return Ok(day);
                    }
                    if EARLIER.iter().any(|name| is_of(source_id, name)) {
                        return Err(DemoError::Earlier);
                    }
                }
            }
        }
        let last_day = self.clock.now().day();
        Ok(Plan { last_day, ..Plan::default() }.first_day())
    }

    /// How many rows of a source were sent: the number of the last one in the log.
    async fn sent_rows(&self, kind: Kind, key: &str) -> Result<u64, DemoError> {
        let image = self.store.load(ShardId::Source(key.into()), Part::Whole).await?;
        let checkpoint = match image.content {
            Content::Source(checkpoint) => checkpoint,
            _ => SourceCheckpoint::default(),
        };
        let sent = read_sent(&*self.log, (kind, key), self.partitions, checkpoint).await?;
        let tails = sent.checkpoint.tails.iter().chain(sent.held.iter().map(|held| &held.tail));
        Ok(tails.copied().fold(sent.checkpoint.rows, u64::max))
    }
}

fn is_of(source: &str, inputs: &str) -> bool {
    source.strip_prefix(inputs).is_some_and(|rest| rest.starts_with(':'))
}

/// The first day in the name of an input or of a generation of it.
fn day_in(source: &str) -> Option<Day> {
    if !is_of(source, INPUTS) {
        return None;
    }
    let day = source.rsplit(':').next()?;
    Day::parse(day.split('@').next()?)
}

fn first_day_of(inputs: &[NamedInput]) -> Option<Day> {
    inputs.first().and_then(|named| day_in(&named.key))
}
