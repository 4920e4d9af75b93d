//! The rush hour of the demo: some ten sales a second beside those of the day, as a program of the shop
//! would send them. They are rows without a source, so what is under way when the process dies is not
//! sold.

use crate::sample::{DailyShop, SamplePurchase};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_platform::clock::now_ms;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::shop_clock::ShopClock;
use goldstream_platform::shutdown::Shutdown;
use std::time::Duration;

/// Typical waits between two of its sales, as unequal as those between strangers.
const PAUSES_MS: [u64; 8] = [20, 150, 60, 90, 210, 40, 130, 100];

/// Sells while a rush hour is on, each time one is asked for, until the end is wished.
pub(super) async fn sell(
    mut shop: DailyShop,
    clock: &ShopClock,
    log: &dyn Log,
    partitions: u32,
    mut shutdown: Shutdown,
) -> Result<(), LogError> {
    // Ids bear the time, so that none returns.
    let began_ms = now_ms();
    for number in 0u64.. {
        let pause = PAUSES_MS[(number % PAUSES_MS.len() as u64) as usize];
        tokio::select! {
            () = clock.rush() => {}
            () = shutdown.wished() => break,
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(pause)) => {}
            () = shutdown.wished() => break,
        }
        let purchase = shop.extra_sale(clock.now(), began_ms.unsigned_abs() + number);
        append(log, partitions, &format!("rush-{began_ms}-{number}"), &purchase).await?;
    }
    Ok(())
}

async fn append(
    log: &dyn Log,
    partitions: u32,
    purchase_id: &str,
    purchase: &SamplePurchase,
) -> Result<(), LogError> {
    let purchased_at = purchase.purchased_at.to_string();
    let row = BronzeRow::Columns {
        names: Names::default(),
        fields: [
            purchase_id,
            &purchase.customer_id,
            &purchased_at,
            &purchase.amount,
            purchase.product,
        ],
    };
    let mut builder = BlockBuilder::default();
    builder.push(Headers { origin: None, ingested_at_ms: now_ms(), line: None }, |out| {
        row.encode(out);
    });
    let partition = partition_of(purchase_id.as_bytes(), partitions);
    let at = TopicPartition::new(Topic::Bronze(Kind::Purchases), partition);
    log.append(vec![(at, builder.take())]).await.map(|_| ())
}
