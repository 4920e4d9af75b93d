//! One purchase on an idle system: from its append to the frame that shows it.

use crate::measure::{Table, quantile};
use crate::serving::Serving;
use anyhow::{Context, Result};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::Message;

const PURCHASES: usize = 300;
const PATIENCE: Duration = Duration::from_secs(20);

/// Appends purchases one by one to a followed file and waits for each in the feed.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("achats.csv");
    std::fs::write(&file, "id_achat,id_client,date_achat,montant,produit\n")?;
    let serving = Serving::of(dir.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let times = runtime.block_on(purchases(&file, &serving.address));
    tell("one purchase, idle", times?, table);
    Ok(())
}

/// Adds the figures of both ways to measure.
pub(crate) fn tell(what: &str, (appended, written): (Vec<f64>, Vec<f64>), table: &mut Table) {
    for (name, mut times) in
        [("append → feed frame", appended), ("line in the file → feed frame", written)]
    {
        times.sort_by(f64::total_cmp);
        for hundredths in [50, 99] {
            let figure = format!("{:.1}", quantile(&times, hundredths));
            table.add(&format!("{what}: {name}, p{hundredths} ms"), figure);
        }
    }
}

/// Milliseconds from append and from write to frame, of each purchase.
pub(crate) async fn purchases(file: &Path, address: &str) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{address}/api/v1/feed")).await?;
    let subscribe =
        json!({"op": "subscribe", "id": "b", "views": {"summary": {}}, "interval_ms": 20});
    socket.send(Message::text(subscribe.to_string())).await?;
    let mut file = OpenOptions::new().append(true).open(file)?;
    let (mut appended, mut written) = (Vec::new(), Vec::new());
    for number in 0..PURCHASES {
        // Not in step with any pace of the system.
        tokio::time::sleep(Duration::from_millis(40 + number as u64 * 7 % 60)).await;
        let began = Instant::now();
        writeln!(file, "{number},7,2024-03-01 10:00:00,1.00,Souris")?;
        let wanted = number as u64 + 1;
        loop {
            let message =
                tokio::time::timeout(PATIENCE, socket.next()).await?.context("closed")??;
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text)?;
            if frame["op"] == "update"
                && frame["views"]["summary"]["orders"].as_u64() >= Some(wanted)
            {
                written.push(began.elapsed().as_secs_f64() * 1000.0);
                appended.push(since(frame["ingested_at"].as_str().context("no ingested_at")?)?);
                break;
            }
        }
    }
    Ok((appended, written))
}

/// Milliseconds since a moment of the machine within this minute.
pub(crate) fn since(rfc3339: &str) -> Result<f64> {
    let seconds: f64 = rfc3339.get(17..23).context("no seconds")?.parse()?;
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as f64 / 1000.0;
    Ok((now_ms % 60_000.0 - seconds * 1000.0).rem_euclid(60_000.0))
}
