//! What one, two and four consumers of gold cost for the same rows, and how far they are behind.

use crate::distributed::{counted, wait_counted};
use crate::measure::{Table, cpu_of};
use crate::servers::{Role, Servers};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

const CONSUMERS: [usize; 3] = [1, 2, 4];
const PURCHASES: u64 = 200_000;
/// A pace that all of it keeps up with on two cores, so that the lag is what the work makes of it.
const ROWS_PER_SECOND: u64 = 20_000;
const LOOK_PACE: Duration = Duration::from_millis(50);

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
    let gold = (0..consumers).map(|_| start("consume gold")).collect::<Result<Vec<_>>>()?;
    wait_counted(&address, |_| true)?;
    let _producer = start(&format!("produce . --rate {ROWS_PER_SECOND}"))?;
    let mut lags = Vec::new();
    loop {
        let counted = counted(&address)?;
        if counted >= rows {
            break;
        }
        // Until then the consumers are still sharing the partitions out.
        if counted > rows / 4 {
            lags.push(lag(&address)?);
        }
        sleep(LOOK_PACE);
    }
    lags.sort_unstable();
    let cpu: f64 = gold.iter().map(|role| cpu_of(role.pid())).sum::<Result<f64>>()?;
    let name = format!("{consumers} consumers of gold, {ROWS_PER_SECOND} rows/s");
    table.add(&format!("{name}: CPU-seconds of all of them"), format!("{cpu:.2}"));
    let at = |hundredths: usize| lags.get(lags.len() * hundredths / 100).copied().unwrap_or(0);
    table.add(&format!("{name}: oldest record that waits, p50 ms"), at(50));
    table.add(&format!("{name}: oldest record that waits, p99 ms"), at(99));
    Ok(())
}

/// How long ago the oldest record that waits for a stage was taken in.
fn lag(address: &str) -> Result<u64> {
    let url = format!("http://{address}/api/v1/status");
    let status: Value = serde_json::from_str(&ureq::get(url).call()?.body_mut().read_to_string()?)?;
    status["lag"]["ms"].as_u64().context("no lag in the status")
}
