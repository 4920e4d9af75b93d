//! The lake, as those see it who read it: DuckDB works gold out from its files, whatever its writers went through.

mod local;
mod page;
mod s3;
mod servers;

use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::shop::{append, online_retail};
use goldstream_domain::gold::report::Accounting;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lake/gold.py");

/// The Python that `make setup` makes: with pandas, polars and DuckDB.
pub(crate) fn python() -> PathBuf {
    let python = std::env::var_os("GOLDSTREAM_TEST_PYTHON").map(PathBuf::from);
    python.filter(|python| python.is_file()).expect(
        "no Python with pandas, polars and DuckDB in GOLDSTREAM_TEST_PYTHON: `make setup` makes one, and \
         scripts/with-servers.sh COMMAND tells where it is",
    )
}

/// What DuckDB makes of a lake.
fn read(home: &Home, lake: &str) -> Result<Value, String> {
    let lake = if lake.starts_with("s3://") { lake.into() } else { home.path(lake) };
    let said = Command::new(python()).arg(SCRIPT).arg(lake).output().unwrap();
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&said.stdout).unwrap())
}

/// The lake has each row of the store once, and gives its gold in every value.
fn holds_the_gold_of(home: &Home, lake: &str) {
    let of_lake = read(home, lake).unwrap_or_else(|why| panic!("{why}"));
    let gold: Value = serde_json::from_str(&home.gold_text()).unwrap();
    for table in ["customers", "products", "months", "days", "countries"] {
        let (found, expected) = (&of_lake["tables"][table], &gold[table]);
        let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
        let differs = found.iter().zip(expected).find(|(found, expected)| found != expected);
        assert_eq!(differs, None, "in {table}");
        assert_eq!(found.len(), expected.len(), "rows of {table}");
    }
    let accounting: Accounting = serde_json::from_value(gold["accounting"].clone()).unwrap();
    assert_eq!(of_lake["bronze_rows"], accounting.rows());
    assert_eq!(of_lake["refused_rows"], accounting.quarantined.values().sum::<u64>());
}

/// Counts the real shop into a lake with small files, killed at as many moments, and then to its end.
fn count_the_real_shop_under_kills(home: &Home, lake: &str, kills: usize) {
    let mut draw = Draw::announced("kills of the real shop's lake");
    home.write("goldstream.toml", "[lake]\nrows = 20000\nseconds = 1\n");
    let run = format!("run {} --lake {lake}", online_retail().display());
    let mut toll = Toll::of("the writer of the real shop's lake killed");
    for _ in 0..chaos::times(kills) {
        let mut running = home.start(&run);
        running.address();
        // The moment of death is what is drawn here; nothing is waited for.
        std::thread::sleep(Duration::from_millis(draw.below(900)));
        running.kill();
        toll.struck();
    }
    home.ask(&format!("{run} --once")).expect(0).says(&["rows counted"]);
}

/// A shop grows by as many pieces as there are kills, and what writes its lake is killed within so many milliseconds of
/// each, after `strike`; then it is counted to its end.
fn grow_under_kills(
    home: &Home,
    lake: &str,
    (draw, kills, life_ms): (&mut Draw, usize, u64),
    strike: impl Fn(usize),
) {
    let purchases = std::fs::read(home.path("whole/achats.csv")).unwrap();
    home.write("shop/clients.csv", std::fs::read(home.path("whole/clients.csv")).unwrap());
    home.write("shop/achats.csv", "");
    let mut toll = Toll::of("the writer of a lake killed while its shop grows");
    for (round, piece) in purchases.chunks(purchases.len().div_ceil(kills)).enumerate() {
        let mut running = home.start(&format!("run shop --lake {lake}"));
        running.address();
        append(&home.path("shop/achats.csv"), piece);
        strike(round);
        // The moment of death is what is drawn here; nothing is waited for.
        std::thread::sleep(Duration::from_millis(draw.below(life_ms)));
        running.kill();
        toll.struck();
    }
    home.ok(&format!("run shop --lake {lake} --once"));
}

/// A log that is filled from the lake gives the same gold, to the byte.
fn restores_to(home: &Home, lake: &str, gold: &str) {
    home.ask(&format!("restore --lake {lake} --data-dir restored"))
        .expect(0)
        .says(&["rows restored"]);
    assert!(
        home.ok("export gold --data-dir restored") == gold,
        "gold of the restored log is another one"
    );
    home.ask(&format!("restore --lake {lake} --data-dir restored"))
        .expect(0)
        .says(&["nothing to restore"]);
}
