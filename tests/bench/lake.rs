//! What the lake costs beside the rest, how large it is, and how long DuckDB takes over it.

use crate::measure::{Cost, Table, run_once};
use crate::{GOLDSTREAM, ROUNDS};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Revenue by country and month, by the newest version of each customer.
const DUCKDB: &str = "
import sys, time, duckdb
lake = sys.argv[1]
began = time.perf_counter()
rows = duckdb.sql(f'''
    SELECT country, month, sum(amount_cents) FROM read_parquet('{lake}/silver/purchases/*/*.parquet', hive_partitioning = true)
    LEFT JOIN (SELECT customer_id, arg_max(country, \"position\") AS country
        FROM read_parquet('{lake}/silver/customers/*.parquet') GROUP BY ALL) USING (customer_id) GROUP BY ALL
''').fetchall()
print(round((time.perf_counter() - began) * 1000), len(rows))
";

/// Counts the shop with and without a lake, in turn.
pub(crate) fn measure(shop: &Path, rows: u64, table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let lake = dir.path().join(format!("lake-{round}"));
        let plain = run(shop, &dir.path().join(format!("plain-{round}")), None)?;
        let with = run(shop, &dir.path().join(format!("with-{round}")), Some(&lake))?;
        ratios.push(with.cpu_seconds / plain.cpu_seconds);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).context("no round was run")?;
    table.add("lake: CPU of run --once, times that without", format!("{median:.2}"));
    let lake = dir.path().join("lake-0");
    table.add("lake: bytes a row, bronze and silver together", size_of(&lake)? / rows);
    let python = std::env::var("GOLDSTREAM_TEST_PYTHON");
    // `make bench` names it; who measures by hand may have none.
    if let Ok(python) = python {
        let said = Command::new(python).args(["-c", DUCKDB]).arg(&lake).output()?;
        ensure!(said.status.success(), "DuckDB: {}", String::from_utf8_lossy(&said.stderr));
        let said = String::from_utf8(said.stdout)?;
        table.add("lake: DuckDB, revenue by country and month, ms and rows", said.trim());
    }
    Ok(())
}

fn run(shop: &Path, data_dir: &Path, lake: Option<&Path>) -> Result<Cost> {
    let mut command = Command::new(GOLDSTREAM);
    command.args(["run", "--once", "--listen", "127.0.0.1:0"]).arg(shop);
    command.arg("--data-dir").arg(data_dir);
    if let Some(lake) = lake {
        command.arg("--lake").arg(lake);
    }
    run_once(command)
}

/// Bytes of all files of rows.
fn size_of(lake: &Path) -> Result<u64> {
    let mut bytes = 0;
    let mut open = ["bronze", "silver", "quarantine"].map(|table| lake.join(table)).to_vec();
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => open.push(entry.path()),
                false => bytes += entry.metadata()?.len(),
            }
        }
    }
    Ok(bytes)
}
