//! A thousand readers of the feed: what one costs idle, how late a purchase is shown to all of them, and
//! how many frames leave when everything moves. The readers run on the same cores as the server.

use crate::data;
use crate::latency::since;
use crate::measure::{Table, cpu_of, memory_bytes, quantile};
use crate::serving::Serving;
use anyhow::{Context, Result};
use futures::{SinkExt, StreamExt};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_tungstenite::tungstenite::Message;

const CLIENTS: u64 = 1_000;
/// Purchases of the shop before it is watched.
const SHOP_PURCHASES: u64 = 20_000;
const STEADY_PURCHASES: u64 = 2_000;
/// Between two of them: 200 a second.
const STEADY_PACE: Duration = Duration::from_millis(5);
/// Purchases written at once, for full tilt.
const TILT_PURCHASES: u64 = 1_000_000;
const LOOK_PACE: Duration = Duration::from_millis(20);

/// What all readers have seen since it was last taken.
#[derive(Default)]
struct Seen {
    frames: u64,
    bytes: u64,
    /// Milliseconds from bronze to the reader.
    ages_ms: Vec<f64>,
}

#[derive(Clone, Default)]
struct Readers {
    seen: Arc<Mutex<Seen>>,
}

pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    data::write(dir.path(), SHOP_PURCHASES)?;
    let serving = Serving::of(dir.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let readers = Readers::default();
        idle(&serving, &readers, table).await?;
        steady(&serving, &readers, &dir.path().join("achats.csv"), table).await?;
        full_tilt(&serving, &readers, &dir.path().join("achats.csv"), table).await
    })
}

async fn idle(serving: &Serving, readers: &Readers, table: &mut Table) -> Result<()> {
    let memory = || memory_bytes(serving.pid()).context("no memory in /proc");
    let before = memory()?;
    for _ in 0..CLIENTS {
        readers.join(&serving.address).await?;
    }
    let mut snapshots = Seen::default();
    while snapshots.frames < CLIENTS {
        sleep(LOOK_PACE).await;
        let more = readers.take();
        snapshots.frames += more.frames;
        snapshots.bytes += more.bytes;
    }
    let each = memory()?.saturating_sub(before) / CLIENTS;
    table.add("1,000 feed clients, idle: memory each, KB", format!("{:.1}", each as f64 / 1_000.0));
    table.add("1,000 feed clients: bytes of a snapshot", snapshots.bytes / snapshots.frames);
    Ok(())
}

async fn steady(
    serving: &Serving,
    readers: &Readers,
    file: &Path,
    table: &mut Table,
) -> Result<()> {
    let (cpu, began) = (cpu_of(serving.pid())?, Instant::now());
    let mut file = OpenOptions::new().append(true).open(file)?;
    let mut ticks = interval(STEADY_PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..STEADY_PURCHASES {
        ticks.tick().await;
        file.write_all(data::one_more(number).as_bytes())?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cores = (cpu_of(serving.pid())? - cpu) / seconds;
    let Seen { frames, bytes, mut ages_ms } = readers.take();
    ages_ms.sort_by(f64::total_cmp);
    let what = "1,000 feed clients, 200 purchases/s";
    for hundredths in [50, 99] {
        let age = format!("{:.1}", quantile(&ages_ms, hundredths));
        table.add(&format!("{what}: append → client, p{hundredths} ms"), age);
    }
    table.add(&format!("{what}: frames/s"), (frames as f64 / seconds) as u64);
    table.add(&format!("{what}: bytes of an update"), bytes / frames.max(1));
    table.add(&format!("{what}: cores of the server"), format!("{cores:.2}"));
    Ok(())
}

async fn full_tilt(
    serving: &Serving,
    readers: &Readers,
    file: &Path,
    table: &mut Table,
) -> Result<()> {
    let lines: String = (0..TILT_PURCHASES).map(|n| data::one_more(STEADY_PURCHASES + n)).collect();
    let wanted = serving.rows()? + TILT_PURCHASES;
    readers.take();
    let (cpu, began) = (cpu_of(serving.pid())?, Instant::now());
    OpenOptions::new().append(true).open(file)?.write_all(lines.as_bytes())?;
    while serving.rows()? < wanted {
        sleep(LOOK_PACE).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cores = (cpu_of(serving.pid())? - cpu) / seconds;
    let what = "1,000 feed clients, full tilt";
    table.add(&format!("{what}: frames/s"), (readers.take().frames as f64 / seconds) as u64);
    table.add(&format!("{what}: rows/s"), (TILT_PURCHASES as f64 / seconds) as u64);
    table.add(&format!("{what}: cores of the server"), format!("{cores:.2}"));
    Ok(())
}

impl Readers {
    /// One more reads from now on.
    async fn join(&self, address: &str) -> Result<()> {
        let url = format!("ws://{address}/api/v1/feed");
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
        let views = json!({ "summary": {}, "countries": {} });
        let subscribe = json!({ "op": "subscribe", "id": "main", "views": views });
        socket.send(Message::text(subscribe.to_string())).await?;
        let readers = self.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    readers.note(&text);
                }
            }
        });
        Ok(())
    }

    /// Reads of a frame no more than it must: the server's cores are the readers', too.
    fn note(&self, text: &str) {
        let is_update = text.starts_with(r#"{"op":"update""#);
        if !is_update && !text.starts_with(r#"{"op":"snapshot""#) {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.frames += 1;
        seen.bytes += text.len() as u64;
        let at = text.split_once(r#""ingested_at":""#).and_then(|(_, rest)| rest.split('"').next());
        if let Some(Ok(age_ms)) = at.map(since) {
            seen.ages_ms.push(age_ms);
        }
    }

    fn take(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
