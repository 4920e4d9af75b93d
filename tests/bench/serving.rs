//! A goldstream that has counted a shop and serves it.

use crate::measure::Guarded;
use crate::restart::{ask, ask_until, run_command};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) address: String,
    running: Guarded,
    data_dir: TempDir,
}

impl Serving {
    /// Follows the files of this shop; everything in them is counted.
    pub(crate) fn of(shop: &Path) -> Result<Self> {
        let data_dir = tempfile::tempdir()?;
        let path = data_dir.path();
        let running = Guarded(run_command(path).arg(shop).spawn()?);
        let all = rows_of(&shop.join("clients.csv")) + rows_of(&shop.join("achats.csv"));
        ask_until(path, running.0.id(), "/api/v1/status", |status| status["rows"]["total"] == all)?;
        let note: Value = serde_json::from_slice(&std::fs::read(path.join("server.json"))?)?;
        let address = note["address"].as_str().context("no address")?.to_owned();
        Ok(Self { address, running, data_dir })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.running.0.id()
    }

    /// Rows counted.
    pub(crate) fn rows(&self) -> Result<u64> {
        let status = ask(self.data_dir.path(), self.pid(), "/api/v1/status")?;
        status["rows"]["total"].as_u64().context("no rows")
    }
}

/// Lines below the head; none where there is no such file.
fn rows_of(file: &Path) -> usize {
    std::fs::read_to_string(file).map_or(0, |text| text.lines().count().saturating_sub(1))
}
