//! How soon a killed goldstream answers rightly again.

use crate::GOLDSTREAM;
use crate::measure::{Guarded, Table};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(300);

/// Counts the shop, kills, restarts, and asks until the answer is the one from before.
pub(crate) fn measure(shop: &Path, table: &mut Table) -> Result<()> {
    let data_dir = tempfile::tempdir()?;
    let data_dir = data_dir.path();
    let mut command = Command::new(GOLDSTREAM);
    command
        .args(["run", "--once", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .arg(shop);
    ensure!(command.stderr(Stdio::null()).status()?.success(), "the shop was not counted");
    let mut worst = Duration::ZERO;
    let mut right = Value::Null;
    for _ in 0..4 {
        let began = Instant::now();
        let mut running = start(data_dir)?;
        let summary = first_answer(data_dir, running.0.id())?;
        if right.is_null() {
            right = summary;
        } else {
            ensure!(summary == right, "another answer after SIGKILL: {summary} for {right}");
            worst = worst.max(began.elapsed());
        }
        running.kill()?;
    }
    table.add("restart after SIGKILL, idle: first right answer, ms, worst of 3", worst.as_millis());
    let (worst, orders) = killed_while_folding(shop, &right)?;
    table.add("restart after SIGKILL while folding: ready, ms, worst of 3", worst.as_millis());
    table.add("… and at the end orders", orders);
    Ok(())
}

/// Kills in the middle of the replay; what counts is when the log as it stood is folded.
fn killed_while_folding(shop: &Path, right: &Value) -> Result<(Duration, u64)> {
    let data_dir = tempfile::tempdir()?;
    let data_dir = data_dir.path();
    let mut worst = Duration::ZERO;
    for part in 1..=3 {
        let mut command = run_command(data_dir);
        let mut running = Guarded(command.arg(shop).spawn()?);
        let goal = right["orders"].as_u64().unwrap_or(0) * part / 4;
        ask_until(data_dir, running.0.id(), "/api/v1/summary", |answer| {
            answer["orders"].as_u64() >= Some(goal)
        })?;
        running.kill()?;
        let began = Instant::now();
        let mut running = start(data_dir)?;
        first_answer(data_dir, running.0.id())?;
        worst = worst.max(began.elapsed());
        running.kill()?;
    }
    let mut running = Guarded(run_command(data_dir).arg(shop).spawn()?);
    let all = ask_until(data_dir, running.0.id(), "/api/v1/summary", |answer| answer == right)?;
    running.kill()?;
    Ok((worst, all["orders"].as_u64().unwrap_or(0)))
}

pub(crate) fn run_command(data_dir: &Path) -> Command {
    let mut command = Command::new(GOLDSTREAM);
    command.args(["run", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
    command.stderr(Stdio::null());
    command
}

/// Over what is stored only: no files.
fn start(data_dir: &Path) -> Result<Guarded> {
    Ok(Guarded(run_command(data_dir).spawn()?))
}

/// The summary once the server says that it is ready.
fn first_answer(data_dir: &Path, pid: u32) -> Result<Value> {
    ask_until(data_dir, pid, "/readyz", |_| true)?;
    ask_until(data_dir, pid, "/api/v1/summary", |_| true)
}

pub(crate) fn ask_until(
    data_dir: &Path,
    pid: u32,
    path: &str,
    holds: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let began = Instant::now();
    let mut last = Value::Null;
    while began.elapsed() < PATIENCE {
        if let Ok(answer) = ask(data_dir, pid, path) {
            if holds(&answer) {
                return Ok(answer);
            }
            last = answer;
        }
        sleep(POLL);
    }
    anyhow::bail!("{path} never answered as expected; last {last}")
}

/// Asks the process with this id; a note that an earlier one left does not count.
pub(crate) fn ask(data_dir: &Path, pid: u32, path: &str) -> Result<Value> {
    let note: Value = serde_json::from_slice(&std::fs::read(data_dir.join("server.json"))?)?;
    ensure!(note["pid"] == pid, "the note is an earlier process's");
    let address = note["address"].as_str().context("no address")?;
    let body = ureq::get(format!("http://{address}{path}")).call()?.body_mut().read_to_string()?;
    Ok(serde_json::from_str(&body)?)
}
