//! All rows of Online Retail counted again on Kafka and Redis beside live ones: how long that takes, and how long
//! live rows wait meanwhile. What is counted in the end is proven against the batch.

use crate::distributed::{counted, wait_counted};
use crate::latency::since;
use crate::measure::{Table, quantile};
use crate::servers::{Role, Servers};
use anyhow::{Context, Result, ensure};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

const ROWS_PER_SECOND: u64 = 2_000;
/// More than are read until the end.
const LIVE_PURCHASES: u64 = 400_000;
/// For so long the live rows come before anything is counted again, and after it.
const CALM: Duration = Duration::from_secs(10);
/// Consumers still share their partitions out, and the first rows meet cold caches.
const WARM_UP: Duration = Duration::from_secs(5);

/// A frame that showed rows.
struct Frame {
    at: Instant,
    /// How long the oldest row in it had waited; a snapshot does not say.
    waited_ms: Option<f64>,
}

pub(crate) fn measure(servers: &Servers, table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let live = dir.path().join("live");
    std::fs::create_dir(&live)?;
    crate::data::write(&live, LIVE_PURCHASES)?;
    let environment = servers.environment("rebuild");
    let start = |line: &str| Role::start(line, &environment, dir.path());
    let mut server = start("serve")?;
    let _consumers = [start("consume silver")?, start("consume gold")?];
    let address = server.address()?;
    let retail = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/online_retail");
    let run = |words: &[&str], path: Option<&Path>| goldstream(&environment, words, path);
    run(&["produce"], Some(&retail))?;
    wait_counted(&address, |rows| rows > 0)?;
    run(&["verify"], None)?;
    let rows = counted(&address)?;
    let mut producer = start(&format!("produce live --rate {ROWS_PER_SECOND}"))?;
    sleep(WARM_UP);
    let done = AtomicBool::new(false);
    let (began, ended, frames) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&address, &done));
        sleep(CALM);
        let began = Instant::now();
        let rebuilt = run(&["rebuild"], None);
        let ended = Instant::now();
        sleep(CALM);
        done.store(true, Ordering::Relaxed);
        let frames = watching.join().map_err(|_| anyhow::anyhow!("who watches has panicked"))?;
        rebuilt.and(frames).map(|frames| (began, ended, frames))
    })?;
    producer.process.kill()?;
    // Every row has its fate once, in the new generation.
    run(&["verify"], None)?;
    let name =
        format!("Online Retail counted again beside {ROWS_PER_SECOND} rows/s, Kafka + Redis");
    table.add(&format!("{name}: rows before"), rows);
    let seconds = ended.duration_since(began).as_secs_f64();
    table.add(&format!("{name}: seconds to the switch"), format!("{seconds:.1}"));
    let parts = [
        ("before", began.checked_sub(CALM).context("no time before")?, began),
        ("meanwhile", began, ended),
        ("after", ended, ended + CALM),
    ];
    for (part, from, to) in parts {
        let of_part = frames.iter().filter(|frame| (from..to).contains(&frame.at));
        let mut waits: Vec<_> = of_part.filter_map(|frame| frame.waited_ms).collect();
        waits.sort_by(f64::total_cmp);
        for hundredths in [50, 99] {
            let figure = format!("{:.0}", quantile(&waits, hundredths));
            table.add(&format!("{name}: append → feed frame {part}, p{hundredths} ms"), figure);
        }
    }
    let pauses = frames.windows(2).map(|pair| pair[1].at - pair[0].at);
    let longest = pauses.max().context("no frames")?;
    table.add(&format!("{name}: longest without a frame, ms"), longest.as_millis());
    Ok(())
}

/// `goldstream WORDS PATH`, which must succeed.
fn goldstream(
    environment: &[(&'static str, String)],
    words: &[&str],
    path: Option<&Path>,
) -> Result<()> {
    let mut command = Command::new(crate::GOLDSTREAM);
    command.args(words).args(path).envs(environment.iter().cloned());
    let output = command.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "goldstream {words:?}: {said}");
    Ok(())
}

/// Frames until that is over.
fn watch(address: &str, done: &AtomicBool) -> Result<Vec<Frame>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let feed = format!("ws://{address}/api/v1/feed");
        let (mut socket, _) = tokio_tungstenite::connect_async(feed).await?;
        let subscribe =
            json!({"op": "subscribe", "id": "b", "views": {"accounting": {}}, "interval_ms": 20});
        socket.send(Message::text(subscribe.to_string())).await?;
        let mut frames = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let message = socket.next().await.context("the feed has ended")??;
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text)?;
            let waited_ms = frame["ingested_at"].as_str().map(since).transpose()?;
            if waited_ms.is_some() || frame["op"] == "snapshot" {
                frames.push(Frame { at: Instant::now(), waited_ms });
            }
        }
        Ok(frames)
    })
}
