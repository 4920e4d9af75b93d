//! `make bench`: speed and memory of the real binary, as one table.
//!
//! CPU-seconds are those of the whole process tree, user and system. A naive one-pass program over
//! the same rows runs in the same session, so that the ratio means the same on any machine.
//! The second half goes through a Kafka and a Redis that are started for it.

#[path = "../harness/backtest.rs"]
#[allow(clippy::unwrap_used, reason = "tests share it, and what it reads stands here")]
mod backtest;
mod data;
mod distributed;
mod feed;
mod lake;
mod latency;
mod measure;
mod naive;
mod rebuild;
mod rest;
mod restart;
mod scaling;
mod servers;
mod serving;
mod slow;

use anyhow::{Context, Result, ensure};
use measure::{Cost, Table, run_once};
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// The binary under test.
const GOLDSTREAM: &str = env!("CARGO_BIN_EXE_goldstream");
/// Argument under which this program is its own naive peer.
const NAIVE: &str = "naive";
const ROWS_DEFAULT: u64 = 1_000_000;
const ROUNDS: usize = 3;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    if let [_, role, dir] = &args[..]
        && role == NAIVE
    {
        return naive::run(Path::new(dir));
    }
    let rows = match told(&args, "--rows")? {
        None => ROWS_DEFAULT,
        Some(rows) => rows.parse()?,
    };
    let mut table = Table::default();
    let only = told(&args, "--only")?;
    if only == Some("rebuild") {
        rebuild::measure(&servers::Servers::start()?, &mut table)?;
        return table.print();
    }
    let dir = tempfile::tempdir()?;
    eprintln!("making {rows} purchases …");
    let total = data::write(dir.path(), rows)?;
    if let Some(part) = only {
        ensure!(part == "lake", "of the parts, rebuild and lake can be measured by themselves");
        lake::measure(dir.path(), total, &mut table)?;
        return table.print();
    }
    throughput(dir.path(), total, &mut table)?;
    lake::measure(dir.path(), total, &mut table)?;
    restart::measure(dir.path(), &mut table)?;
    latency::measure(&mut table)?;
    feed::measure(&mut table)?;
    rest::measure(dir.path(), &mut table)?;
    slow::measure(&mut table)?;
    distributed::measure(dir.path(), total, &mut table)?;
    table.print()?;
    print_backtest()
}

/// What the forecast would have missed: no speed, but as good as what it is measured on.
fn print_backtest() -> Result<()> {
    let mut out = std::io::stdout().lock();
    for table in backtest::tables() {
        writeln!(out, "\n{}", table.trim_end())?;
    }
    Ok(())
}

/// What stands behind a word of the command line.
fn told<'a>(args: &'a [String], name: &str) -> Result<Option<&'a str>> {
    let Some(place) = args.iter().position(|arg| arg == name) else { return Ok(None) };
    let value = args.get(place + 1).with_context(|| format!("{name} needs a value"))?;
    Ok(Some(value))
}

/// Rows from the files to gold, the best of some rounds each.
fn throughput(shop: &Path, rows: u64, table: &mut Table) -> Result<()> {
    let naive = best(|| {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(NAIVE).arg(shop);
        run_once(command)
    })?;
    let goldstream = best(|| {
        let data_dir = tempfile::tempdir()?;
        let mut command = Command::new(GOLDSTREAM);
        command.args(["run", "--once", "--listen", "127.0.0.1:0"]).arg(shop);
        command.arg("--data-dir").arg(data_dir.path());
        run_once(command)
    })?;
    table.add("rows (customers and purchases)", rows);
    for (name, cost) in [("naive one-pass program", &naive), ("goldstream run --once", &goldstream)]
    {
        table.add(&format!("{name}: CPU-seconds"), format!("{:.2}", cost.cpu_seconds));
        table.add(&format!("{name}: rows per CPU-second"), (rows as f64 / cost.cpu_seconds) as u64);
        table.add(&format!("{name}: wall seconds"), format!("{:.2}", cost.wall_seconds));
        table.add(&format!("{name}: peak memory, MB"), cost.peak_bytes / 1_000_000);
    }
    let ratio = goldstream.cpu_seconds / naive.cpu_seconds;
    table.add("goldstream: CPU per row, times the naive program's", format!("{ratio:.1}"));
    Ok(())
}

fn best(mut run: impl FnMut() -> Result<Cost>) -> Result<Cost> {
    let mut costs = (0..ROUNDS).map(|_| run()).collect::<Result<Vec<_>>>()?;
    costs.sort_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
    costs.into_iter().next().context("no round was run")
}
