//! The demo: the sample shop's history up to last midnight, then live purchases for ever.
//! Its rows go the way of all rows; only their making is special.

use crate::input::Input;
use crate::sample::{LiveShop, Plan, SamplePurchase, Shop};
use crate::source::NamedInput;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::moment::Day;
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_platform::clock::{local_now, now_ms};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::shutdown::Shutdown;
use std::io;
use std::sync::Arc;
use std::time::Duration;

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
        key: format!("sample:{}:{last_day}", kind.name()).into(),
        input: Input::Made(Arc::new(bytes)),
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
