//! How far each partition has been taken in by the stage that reads it, and what waits. Where the log cannot
//! tell, that is said: what is not known is never told as nothing.

use crate::api_state::ApiState;
use crate::limits::LAG_MAX;
use crate::view::state::State;
use futures::TryStreamExt;
use futures::stream::FuturesOrdered;
use goldstream_platform::clock::now_ms;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use serde::Serialize;

/// How far a partition has been taken in by the stage that reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Position {
    #[serde(rename = "partition", serialize_with = "as_text")]
    pub(crate) at: TopicPartition,
    pub(crate) position: u64,
    /// None where the log does not tell.
    pub(crate) end: Option<u64>,
}

fn as_text<S: serde::Serializer>(at: &TopicPartition, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}

/// What waits for the stages.
#[derive(Debug)]
pub(crate) struct Lag {
    pub(crate) positions: Vec<Position>,
    /// Records that wait; none where that is not known.
    pub(crate) records: Option<u64>,
    /// How long ago bronze took in the oldest of them; none where that is not known.
    pub(crate) ms: Option<u64>,
    /// Why something is not known.
    pub(crate) unknown: Option<String>,
}

impl Lag {
    /// Asks the log, which has little time to answer.
    pub(crate) async fn of(state: &ApiState) -> Self {
        let read = positions(state);
        let mut lag = Self::begun(read.len());
        let looked = tokio::time::timeout(LAG_MAX, lag.look(state, &read)).await;
        let away = || LogError::Unavailable("it does not answer in time".to_owned());
        if let Err(error) = looked.unwrap_or_else(|_| Err(away())) {
            lag.is_unknown(&read, &error, !state.health.stops().is_empty());
        }
        lag
    }

    fn begun(partitions: usize) -> Self {
        let positions = Vec::with_capacity(partitions);
        Self { positions, records: Some(0), ms: Some(0), unknown: None }
    }

    async fn look(
        &mut self,
        state: &ApiState,
        read: &[(TopicPartition, u64)],
    ) -> Result<(), LogError> {
        let log = &*state.log;
        // All at once, told in order: what is known when time is over is kept.
        let looks = read.iter().map(|(at, position)| looked(log, *at, *position));
        let mut looks: FuturesOrdered<_> = looks.collect();
        while let Some((at, position, end, waits_ms)) = looks.try_next().await? {
            self.ms = self.ms.zip(waits_ms).map(|(ms, waits_ms)| ms.max(waits_ms));
            self.add(at, position, end);
        }
        // What stands where nobody reads waits, too.
        for (at, end) in log.surplus() {
            self.add(at, 0, end);
        }
        Ok(())
    }

    fn add(&mut self, at: TopicPartition, position: u64, end: u64) {
        let waiting = end.saturating_sub(position);
        self.records = self.records.map(|records| records + waiting);
        self.positions.push(Position { at, position, end: Some(end) });
    }

    /// Of what was not looked at the end is not known.
    fn is_unknown(&mut self, read: &[(TopicPartition, u64)], error: &LogError, is_told: bool) {
        let left = read.iter().skip(self.positions.len());
        let unknown =
            left.map(|(at, position)| Position { at: *at, position: *position, end: None });
        self.positions.extend(unknown);
        (self.records, self.ms) = (None, None);
        // Why all stands still is a trouble of its own.
        self.unknown = (!is_told).then(|| format!("what waits is not known: {error}"));
    }
}

/// How far the stages are, as the view has it.
fn positions(state: &ApiState) -> Vec<(TopicPartition, u64)> {
    state.view.read(|view: &State| {
        let silver = view.silver_positions().map(|(at, position)| (at.into(), position));
        let gold = view.gold_positions();
        let gold = gold.map(|(at, position)| (TopicPartition::new(Topic::Silver, at), position));
        silver.chain(gold).collect()
    })
}

/// Where the partition ends, and how long its oldest record waits there.
async fn looked(
    log: &dyn Log,
    at: TopicPartition,
    position: u64,
) -> Result<(TopicPartition, u64, u64, Option<u64>), LogError> {
    let end = log.end(at).await?;
    let waits_ms = if end > position { waits_ms(log, at, position).await? } else { Some(0) };
    Ok((at, position, end, waits_ms))
}

/// How long ago bronze took in the row behind the record at this position; none where the record does not say.
async fn waits_ms(
    log: &dyn Log,
    at: TopicPartition,
    position: u64,
) -> Result<Option<u64>, LogError> {
    let fetched = match log.read(at, position).await {
        Ok(Some(fetched)) => fetched,
        // Of a record that is gone no time is known; why its shard stands still is told as a trouble.
        Ok(None) | Err(LogError::Damaged(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    // Positions without records wait for nobody.
    if fetched.block.is_gap() {
        return Ok(Some(0));
    }
    let place = position.saturating_sub(fetched.first) as usize;
    let record = fetched.block.records().nth(place).and_then(Result::ok);
    Ok(record.map(|record| (now_ms() - record.headers.ingested_at_ms).max(0) as u64))
}
