//! The demo: the sample shop's history up to last midnight, then live purchases for ever.
//! Its rows go the way of all rows; only their making is special.

use crate::input::{Input, Made};
use crate::sample::{LiveShop, Plan, SamplePurchase, Shop};
use crate::source::NamedInput;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::moment::Day;
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_platform::clock::{local_now, now_ms};
use goldstream_platform::limits::{RETRY_FIRST, RETRY_LAST};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::shutdown::Shutdown;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// What the names of its inputs begin with.
const INPUTS: &str = "sample";

/// The last day of the demo's history: yesterday when it was made, the same ever after. The log knows
/// it, so that wherever the demo is started again it goes on with the same history. Waits for a log that
/// is away; none where the end is wished before.
///
/// # Errors
/// Where the log fails for good.
pub async fn last_day(
    log: &dyn Log,
    partitions: u32,
    shutdown: &mut Shutdown,
) -> Result<Option<Day>, LogError> {
    let mut wait = RETRY_FIRST;
    loop {
        match day_in(log, partitions).await {
            Err(LogError::Unavailable(reason)) => {
                tracing::warn!(reason, "looking again for the demo's history");
            }
            found => return found.map(Some),
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(RETRY_LAST),
            () = shutdown.wished() => return Ok(None),
        }
    }
}

async fn day_in(log: &dyn Log, partitions: u32) -> Result<Day, LogError> {
    for partition in 0..partitions {
        let at = TopicPartition::new(Topic::Bronze(Kind::Customers), partition);
        let Some(fetched) = log.read(at, 0).await? else { continue };
        let known = fetched.block.records().filter_map(|record| {
            let origin = record.ok()?.headers.origin?;
            day_of(origin.source_id)
        });
        if let Some(day) = known.last() {
            return Ok(day);
        }
    }
    Ok(Day(local_now().day().0.saturating_sub(1)))
}

/// The day in the name of a generation of the demo's customers.
fn day_of(source: &str) -> Option<Day> {
    let name = source.strip_prefix(INPUTS)?.strip_prefix(':')?;
    let (_, day_and_generation) = name.split_once(':')?;
    let (day, _) = day_and_generation.split_once('@')?;
    Day::parse(day)
}

/// The history of a demo shop as two inputs, whose last day is part of their name.
///
/// # Errors
/// Never in practice: the rows are made in memory.
pub fn history(last_day: Day) -> io::Result<(Shop, Vec<NamedInput>)> {
    let shop = Shop::new(Plan { last_day, ..Plan::default() });
    let (mut customers, mut purchases) = (Vec::new(), Vec::new());
    shop.write_customers(&mut customers)?;
    shop.write_purchases(&mut purchases)?;
    let input = |kind: Kind, bytes| NamedInput {
        kind,
        key: format!("{INPUTS}:{}:{last_day}", kind.name()).into(),
        input: Input::Made(Arc::new(MadeBytes(Arc::new(bytes)))),
    };
    let inputs = vec![input(Kind::Customers, customers), input(Kind::Purchases, purchases)];
    Ok((shop, inputs))
}

/// Makes a purchase every now and then until the end is wished.
///
/// # Errors
/// Where the log fails.
pub async fn live(
    shop: &Shop,
    log: &dyn Log,
    partitions: u32,
    mut shutdown: Shutdown,
) -> Result<(), LogError> {
    // Another course each time it runs; ids bear the time, so that none returns.
    let began_ms = now_ms();
    let mut live = LiveShop::new(shop, began_ms.unsigned_abs());
    for number in 1u64.. {
        let pause = Duration::from_millis(live.next_pause_ms());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.wished() => break,
        }
        let purchase = live.next_purchase(local_now(), format!("L{began_ms}-{number}"));
        append(log, partitions, &purchase).await?;
    }
    Ok(())
}

/// Appends one purchase as a program of the shop would: a row without source.
async fn append(log: &dyn Log, partitions: u32, purchase: &SamplePurchase) -> Result<(), LogError> {
    let purchased_at = purchase.purchased_at.to_string();
    let row = BronzeRow::Columns {
        names: Names::default(),
        fields: [
            &purchase.purchase_id,
            &purchase.customer_id,
            &purchased_at,
            &purchase.amount,
            purchase.product,
        ],
    };
    let mut builder = BlockBuilder::default();
    builder.push(Headers { origin: None, ingested_at_ms: now_ms() }, |out| row.encode(out));
    let partition = partition_of(purchase.purchase_id.as_bytes(), partitions);
    let at = TopicPartition::new(Topic::Bronze(Kind::Purchases), partition);
    log.append(vec![(at, builder.take())]).await.map(|_| ())
}

#[derive(Debug)]
struct MadeBytes(Arc<Vec<u8>>);

#[derive(Debug)]
struct SharedBytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Made for MadeBytes {
    fn open(&self) -> Box<dyn std::io::Read + Send> {
        Box::new(std::io::Cursor::new(SharedBytes(Arc::clone(&self.0))))
    }

    fn size_bytes(&self) -> u64 {
        self.0.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{AtEnd, Replay};
    use crate::resume::generation_name;
    use goldstream_platform::embedded::Embedded;
    use goldstream_platform::shutdown::ShutdownHandle;

    #[test]
    fn the_name_of_its_inputs_tells_the_last_day_of_a_history() {
        let day = Day::parse("2026-01-31").unwrap();
        let (_, inputs) = history(day).unwrap();
        for NamedInput { key, .. } in inputs {
            assert_eq!(day_of(&generation_name(&key, 0)), Some(day));
        }
        assert_eq!(day_of("file:/shop/clients.csv@0"), None);
    }

    #[tokio::test]
    async fn a_history_that_was_begun_on_another_day_is_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let embedded = Embedded::open(dir.path(), Some(3)).unwrap();
        let yesterday = Day(local_now().day().0 - 1);
        assert_eq!(day_in(&embedded, 3).await.unwrap(), yesterday);
        let day = Day::parse("2026-01-31").unwrap();
        let (_, inputs) = history(day).unwrap();
        let log: Arc<dyn Log> = Arc::new(embedded.clone());
        let store = Arc::new(embedded.clone());
        let (partitions, rate, at_end) = (3, None, AtEnd::Stop);
        let board = goldstream_platform::inputs::Inputs::default();
        let replay = Replay { log, store, partitions, inputs, rate, at_end, now_ms, board };
        let (_handle, mut shutdown) = ShutdownHandle::new();
        replay.run(shutdown.clone()).await.unwrap();
        assert_eq!(last_day(&embedded, 3, &mut shutdown).await.unwrap(), Some(day));
        embedded.close().unwrap();
    }
}
