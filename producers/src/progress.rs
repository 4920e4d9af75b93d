//! The bar of a replay on a terminal: rows a second and the time that is left. Silent elsewhere.

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Instant;

/// What a replay shows of itself.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    began: Instant,
    rows: u64,
}

impl Progress {
    /// A bar over that many bytes, drawn only where stderr is a terminal.
    #[must_use]
    pub fn new(total_bytes: u64) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total_bytes), target);
        let template = "{bar:30} {percent:>3} %  {msg}  {eta} left";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar, began: Instant::now(), rows: 0 }
    }

    /// Rows were read, which took so many bytes of the file.
    pub fn advance(&mut self, rows: u64, bytes: u64) {
        self.rows += rows;
        self.bar.inc(bytes);
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rows_per_second = (self.rows as f64 / seconds) as u64;
        let (rows, rate) = (HumanCount(self.rows), HumanCount(rows_per_second));
        self.bar.set_message(format!("{rows} rows, {rate} rows/s"));
    }

    /// So many rows of so many bytes were read until now, by another process.
    pub fn set(&self, rows: u64, bytes: u64) {
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{} rows", HumanCount(rows)));
    }

    /// The bar goes; what was read is told by others.
    pub fn finish_quietly(&self) {
        self.bar.finish_and_clear();
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The files are read to their ends.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        if self.rows > 0 {
            let seconds = self.began.elapsed().as_secs_f64();
            tracing::info!(rows = self.rows, seconds, "files read to their ends");
        }
    }
}
