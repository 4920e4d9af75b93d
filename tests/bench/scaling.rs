//! What one, two and four consumers of gold cost for the same rows, and how long a row waits until it is in gold.

use crate::distributed::wait_counted;
use crate::measure::{Table, cpu_of};
use crate::servers::{Role, Servers};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::Path;

const CONSUMERS: [usize; 3] = [1, 2, 4];
const PURCHASES: u64 = 200_000;
/// A pace that all of it keeps up with on two cores, so that the lag is what the work makes of it.
const ROWS_PER_SECOND: u64 = 20_000;
/// What stands before the limit of a bucket.
const BUCKET: &str = "goldstream_ingested_to_commit_seconds_bucket{stage=\"gold\",le=\"";

pub(crate) fn measure(servers: &Servers, table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let rows = crate::data::write(dir.path(), PURCHASES)?;
    for consumers in CONSUMERS {
        of(servers, consumers, rows, dir.path(), table)?;
    }
    Ok(())
}

fn of(servers: &Servers, consumers: usize, rows: u64, dir: &Path, table: &mut Table) -> Result<()> {
    let environment = servers.environment(&format!("scaling{consumers}"));
    let start = |line: &str| Role::start(line, &environment, dir);
    let mut server = start("serve")?;
    let address = server.address()?;
    let _silver = start("consume silver")?;
    let start_gold = |_| start("consume gold --metrics 127.0.0.1:0");
    let mut gold = (0..consumers).map(start_gold).collect::<Result<Vec<_>>>()?;
    let metrics = gold.iter_mut().map(Role::metrics).collect::<Result<Vec<_>>>()?;
    wait_counted(&address, |_| true)?;
    let _producer = start(&format!("produce . --rate {ROWS_PER_SECOND}"))?;
    // Until then the consumers are still sharing the partitions out.
    wait_counted(&address, |counted| counted > rows / 4)?;
    let before = waits(&metrics)?;
    wait_counted(&address, |counted| counted >= rows)?;
    let mut waits = waits(&metrics)?;
    for (limit, count) in before {
        *waits.entry(limit).or_default() -= count;
    }
    let cpu: f64 = gold.iter().map(|role| cpu_of(role.pid())).sum::<Result<f64>>()?;
    let name = format!("{consumers} consumers of gold, {ROWS_PER_SECOND} rows/s");
    table.add(&format!("{name}: CPU-seconds of all of them"), format!("{cpu:.2}"));
    for (name_of, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let title = format!("{name}: oldest row of a commit, from bronze to gold, {name_of} ms");
        table.add(&title, format!("{:.0}", at(&waits, share)));
    }
    Ok(())
}

/// Of all these consumers: how many commits had an oldest row that waited no longer than so many microseconds.
fn waits(metrics: &[String]) -> Result<BTreeMap<u64, u64>> {
    let mut waits = BTreeMap::new();
    for url in metrics {
        let text = ureq::get(url).call()?.body_mut().read_to_string()?;
        for line in text.lines() {
            let Some(rest) = line.strip_prefix(BUCKET) else { continue };
            let Some((limit, count)) = rest.split_once("\"} ") else { continue };
            if let Ok(seconds) = limit.parse::<f64>() {
                let limit = if seconds.is_finite() { (seconds * 1e6) as u64 } else { u64::MAX };
                *waits.entry(limit).or_default() += count.trim().parse::<u64>()?;
            }
        }
    }
    Ok(waits)
}

/// Within its bucket a share lies as far as the commits in it are spread evenly.
fn at(waits: &BTreeMap<u64, u64>, share: f64) -> f64 {
    let wanted = waits.values().max().copied().unwrap_or(0) as f64 * share;
    let (mut below, mut counted) = (0.0, 0.0);
    for (limit, count) in waits {
        let (limit, count) = (*limit as f64 / 1e3, *count as f64);
        if count >= wanted {
            return below + (limit - below) * (wanted - counted) / (count - counted).max(1.0);
        }
        (below, counted) = (limit, count);
    }
    below
}
