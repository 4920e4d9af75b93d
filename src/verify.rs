//! `goldstream verify`: the batch over bronze held against the stored gold.

use crate::Outcome;
use crate::ask::{Method, ask};
use anyhow::Context;
use goldstream_platform::settings::Settings;
use serde::Deserialize;
use serde_json::Value;
use std::io::Write;

#[derive(Deserialize)]
struct Verdict {
    equal: bool,
    rows: u64,
    difference: Option<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    table: String,
    key: Value,
    stored: Value,
    batch: Value,
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let body = ask(settings, Method::Post, "/api/v1/verify")?;
    let verdict: Verdict = serde_json::from_str(&body).context("the answer is no verdict")?;
    let mut out = std::io::stdout().lock();
    if verdict.equal {
        writeln!(out, "equal: gold is the batch over its {} rows", verdict.rows)?;
        return Ok(Outcome::Done);
    }
    writeln!(out, "different: gold is not the batch over its {} rows", verdict.rows)?;
    if let Some(Difference { table, key, stored, batch }) = verdict.difference {
        writeln!(out, "first in {table}, key {key}\n  gold:  {stored}\n  batch: {batch}")?;
    }
    Ok(Outcome::No)
}
