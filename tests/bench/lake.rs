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

/// What Arrow's own writer takes for the same columns, which it has in memory already: in the encodings of the lake,
/// in those that it chooses itself, and without any. It says how near the limit the lake is.
const ARROW: &str = "
import glob, io, sys, time, pyarrow as pa, pyarrow.parquet as pq
pa.set_cpu_count(1)
files = [f for f in glob.glob(sys.argv[1] + '/**/*.parquet', recursive=True) if '/gold/' not in f]
tables = [pq.read_table(f, partitioning=None) for f in files]
def lake(table):
    of = {}
    for name, kind in zip(table.schema.names, table.schema.types):
        if name in ('purchase_id', 'purchased_at', 'signup_date') and pa.types.is_string(kind): of[name] = 'DELTA_BYTE_ARRAY'
        elif pa.types.is_string(kind) or pa.types.is_binary(kind): of[name] = 'DELTA_LENGTH_BYTE_ARRAY'
        else: of[name] = 'DELTA_BINARY_PACKED'
    few = [n for n in ('source', 'columns', 'product', 'country', 'reason') if of.pop(n, None)]
    return dict(compression='zstd', compression_level=1, use_dictionary=few, column_encoding=of)
def seconds(how):
    began = time.process_time()
    for table in tables: pq.write_table(table, io.BytesIO(), **how(table))
    return time.process_time() - began
took = [seconds(how) for how in (lake, lambda _: dict(compression='zstd'), lambda _: dict(compression='none', use_dictionary=False))]
print(*[f'{it:.2f}' for it in took])
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
        let said = ask(&python, DUCKDB, &lake)?;
        table.add("lake: DuckDB, revenue by country and month, ms and rows", said);
        let said = ask(&python, ARROW, &lake)?;
        table.add("lake: Arrow's writer, CPU s: same encodings, its own, none", said);
    }
    Ok(())
}

/// What a Python program says of the lake.
fn ask(python: &str, program: &str, lake: &Path) -> Result<String> {
    let said = Command::new(python).args(["-c", program]).arg(lake).output()?;
    ensure!(said.status.success(), "Python: {}", String::from_utf8_lossy(&said.stderr));
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
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
