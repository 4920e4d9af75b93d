//! What a process costs, read from /proc (Linux), and the table that shows it.

use anyhow::{Context, Result, ensure};
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Clock ticks a second in /proc: the same on every Linux of today.
const TICKS_PER_SECOND: f64 = 100.0;
const LOOK_PACE: Duration = Duration::from_millis(5);

/// What a run cost.
pub(crate) struct Cost {
    pub(crate) cpu_seconds: f64,
    pub(crate) wall_seconds: f64,
    pub(crate) peak_bytes: u64,
}

/// Runs a command to its end.
pub(crate) fn run_once(mut command: Command) -> Result<Cost> {
    let before = cpu_of_children()?;
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_bytes = 0;
    let status = loop {
        // The high-water mark only grows, so the last look before the end is nearly the peak.
        peak_bytes = peak_memory_bytes(child.id()).unwrap_or(0).max(peak_bytes);
        match child.try_wait()? {
            Some(status) => break status,
            None => sleep(LOOK_PACE),
        }
    };
    ensure!(status.success(), "{command:?} ended with {status}");
    let wall_seconds = began.elapsed().as_secs_f64();
    Ok(Cost { cpu_seconds: cpu_of_children()? - before, wall_seconds, peak_bytes })
}

/// User and system time of all children that have ended.
fn cpu_of_children() -> Result<f64> {
    cpu_seconds("self", 13)
}

/// User and system time that a running process has taken.
pub(crate) fn cpu_of(pid: u32) -> Result<f64> {
    cpu_seconds(&pid.to_string(), 11)
}

/// The sum of two neighbouring fields behind the name in brackets, which may hold spaces.
fn cpu_seconds(process: &str, first: usize) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    let stat = stat.context("/proc is needed: Linux only")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(first).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_SECOND)
}

/// Most memory that the process has had resident.
pub(crate) fn peak_memory_bytes(pid: u32) -> Option<u64> {
    bytes_in_status(pid, "VmHWM:")
}

/// Memory that the process has resident now.
pub(crate) fn memory_bytes(pid: u32) -> Option<u64> {
    bytes_in_status(pid, "VmRSS:")
}

fn bytes_in_status(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// A child that is killed when it is dropped.
pub(crate) struct Guarded(pub(crate) Child);

impl Guarded {
    /// SIGKILL, and the end of it.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if self.kill().is_err() {
            eprintln!("a process was gone before it was killed");
        }
    }
}

/// The value at `hundredths` of the sorted values.
pub(crate) fn quantile(sorted: &[f64], hundredths: usize) -> f64 {
    let place = (sorted.len() * hundredths / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// Names and figures, a line each.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<(String, String)>,
}

impl Table {
    pub(crate) fn add(&mut self, name: &str, figure: impl Display) {
        self.lines.push((name.to_owned(), figure.to_string()));
    }

    pub(crate) fn print(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let width = self.lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        writeln!(out, "| {:width$} | {:>12} |", "measured", "figure")?;
        writeln!(out, "|-{}-|-{}:|", "-".repeat(width), "-".repeat(12))?;
        for (name, figure) in &self.lines {
            writeln!(out, "| {name:width$} | {figure:>12} |")?;
        }
        Ok(())
    }
}
