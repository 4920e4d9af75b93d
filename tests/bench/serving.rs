//! A goldstream that has counted a shop and serves it.

use crate::GOLDSTREAM;
use crate::measure::Guarded;
use crate::restart::{ask, ask_until};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
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
        let mut command = Command::new(GOLDSTREAM);
        command.args(["run", "--listen", "127.0.0.1:0", "--data-dir"]).arg(path).arg(shop);
        let running = Guarded(command.stderr(Stdio::null()).spawn()?);
        ask_until(path, running.0.id(), "/readyz", |_| true)?;
        let all = std::fs::read_to_string(shop.join("achats.csv"))?.lines().count() - 1;
        let of = |name: &str, status: &Value| status["rows"][name].as_u64().unwrap_or(0);
        ask_until(path, running.0.id(), "/api/v1/status", |status| {
            of("total", status) > all as u64 && status["lag"]["records"] == 0
        })?;
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
