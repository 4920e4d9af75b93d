//! A lake in a folder, beside a store in a folder.

use super::{
    count_the_real_shop_under_kills, grow_under_kills, holds_the_gold_of, read, restores_to,
};
use crate::harness::chaos;
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::shop::{append, expected_gold, online_retail, write};
use crate::harness::wait::eventually;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Files so small that many are written, and merged.
const SMALL: &str = "[lake]\nrows = 200\nseconds = 1\n";

/// Paths of all files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => open.push(path),
                path => found.push(path.strip_prefix(folder).unwrap().display().to_string()),
            }
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn the_lake_of_the_real_shop_gives_its_gold_to_the_cent_and_fills_a_log_again() {
    let home = Home::new();
    count_the_real_shop_under_kills(&home, "lake", 12);
    let run = format!("run {} --once --lake lake", online_retail().display());
    let gold = home.gold_text();
    let [counted, expected]: [Value; 2] =
        [gold.clone(), expected_gold()].map(|text| serde_json::from_str(&text).unwrap());
    assert!(counted == expected);
    holds_the_gold_of(&home, "lake");
    restores_to(&home, "lake", &gold);
    let before = files(&home.path("lake"));
    home.ok(&run);
    assert_eq!(files(&home.path("lake")), before, "nothing new, so nothing is written");
    // What was restored goes on with the same lake: its events may stand in another order.
    home.ok(&format!("{run} --data-dir restored"));
    holds_the_gold_of(&home, "lake");
}

#[test]
fn a_lake_whose_writer_is_killed_at_any_moment_has_each_row_once() {
    let mut draw = Draw::announced("kills of the lake");
    let home = Home::new();
    home.write("goldstream.toml", SMALL);
    let kills = chaos::times(30);
    home.ok("generate --out whole --customer-count 300 --purchase-count 12000 --dirt 10 --seed 9");
    grow_under_kills(&home, "lake", (&mut draw, kills, 1_500), |_| ());
    home.verify_equal();
    holds_the_gold_of(&home, "lake");
    let gold = home.gold_text();
    restores_to(&home, "lake", &gold);
}

#[test]
fn who_reads_by_the_ledger_sees_no_row_twice_while_files_are_written_and_merged() {
    let home = Home::new();
    home.write("goldstream.toml", "[lake]\nrows = 20\nseconds = 1\n");
    home.ok("generate --out shop --customer-count 50 --purchase-count 30000 --dirt 5");
    let mut running = home.start("run shop --rate 4000 --lake lake").ready();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lake/reader.py");
    let mut command = std::process::Command::new(super::python());
    let said = command.arg(script).arg(home.path("lake")).arg("25").output().unwrap();
    let said_words = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.success(), "{said_words}{}", String::from_utf8_lossy(&said.stderr));
    let status = running.status();
    assert!(status["lake"]["files"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(running.end("TERM"), Some(0));
    home.ok("run shop --lake lake --once");
    holds_the_gold_of(&home, "lake");
}

#[test]
fn an_interrupted_restore_goes_on_and_a_log_with_other_rows_is_left_alone() {
    let mut draw = Draw::announced("kills of a restore");
    let home = Home::new();
    home.write("goldstream.toml", SMALL);
    home.ok("generate --out shop --customer-count 2000 --purchase-count 60000 --dirt 5");
    home.ok("run shop --lake lake --once");
    let gold = home.gold_text();
    for _ in 0..chaos::times(6) {
        let restoring = home.start_over("restored", "restore --lake lake --data-dir restored");
        std::thread::sleep(Duration::from_millis(draw.below(400)));
        restoring.kill();
    }
    restores_or_is_there(&home, &gold);
    home.write("goldstream.toml", "");
    write(&home, 3, 5);
    home.ok("run shop --once --data-dir other");
    let other = home.ok("export gold --data-dir other");
    home.ask("restore --lake lake --data-dir other")
        .expect(1)
        .says(&["has rows of its own", "empty log"]);
    assert_eq!(home.ok("export gold --data-dir other"), other);
    home.ask("restore --lake lake --data-dir new --partitions 3").expect(1).says(&["4 partitions"]);
    home.ask("restore --lake none --data-dir new").expect(1).says(&["no lake at none"]);
    home.ask("restore --data-dir new").expect(2).says(&["which lake"]);
    assert!(!home.path("none").exists() && !home.path("new").exists());
}

fn restores_or_is_there(home: &Home, gold: &str) {
    home.ok("restore --lake lake --data-dir restored");
    assert!(home.ok("export gold --data-dir restored") == gold);
}

#[test]
fn after_a_rebuild_silver_stands_there_anew_and_once() {
    let home = Home::new();
    home.write("goldstream.toml", SMALL);
    home.ok("generate --out shop --customer-count 100 --purchase-count 5000 --dirt 10");
    home.ok("run shop --lake lake --once");
    let mut running = home.start("run shop --lake lake").ready();
    home.ok("rebuild");
    eventually("silver is written anew", || {
        let files = files(&home.path("lake/silver"));
        let lag = running.status()["lake"]["lag_records"].clone();
        let is_anew = |file: &String| file.contains("/e1-");
        let all = files.iter().all(is_anew) && !files.is_empty() && lag == 0;
        if all { Ok(()) } else { Err(format!("lag {lag}, {files:?}")) }
    });
    assert_eq!(running.end("TERM"), Some(0));
    holds_the_gold_of(&home, "lake");
}

/// Holds the columns of an export against those of the lake, and its rows against the days that were asked for.
const COLUMNS: &str = "
import glob, pyarrow.parquet as pq
exported = pq.read_schema('silver.parquet')
for table in ('purchases/*', 'customers'):
    of_lake = pq.read_schema(glob.glob(f'lake/silver/{table}/*.parquet')[0])
    assert all(exported.field(column.name).type == column.type for column in of_lake), of_lake
days = {str(moment)[:10] for moment in pq.read_table('silver.parquet')['purchased_at'].to_pylist()}
assert days and all('2025-03-01' <= day <= '2025-03-31' for day in days), days
";

#[test]
fn silver_as_it_is_exported_has_the_columns_of_the_lake_and_the_days_that_are_asked_for() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 50 --purchase-count 5000");
    home.ok("run shop --lake lake --once");
    home.ok("export silver --from 2025-03-01 --to 2025-03-31 --format parquet -o silver.parquet");
    let mut python = std::process::Command::new(super::python());
    let said = python.args(["-c", COLUMNS]).current_dir(home.path("")).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    home.ask("export silver --from 2025-03-31 --to 2025-03-01").expect(2).says(&["lies after"]);
    home.ask("export products --from 2025-03-01").expect(2).says(&["days, weekdays and silver"]);
}

#[test]
fn a_copy_without_its_ledger_fills_a_log_and_takes_no_more_rows() {
    let home = Home::new();
    write(&home, 3, 50);
    home.ok("run shop --lake lake --once");
    let gold = home.gold_text();
    std::fs::remove_dir_all(home.path("lake/_log")).unwrap();
    restores_to(&home, "lake", &gold);
    let run = "run shop --lake lake --once --data-dir restored";
    home.ask(run).expect(1).says(&["no ledger", "part of a copy"]);
    holds_the_gold_of(&home, "lake");
}

#[test]
fn what_was_counted_by_other_rules_is_restored_by_them() {
    let home = Home::new();
    home.write("shop/clients.csv", "id_client,nom,email,date_inscription,pays\n");
    let next_year =
        "id_achat,id_client,date_achat,montant,produit\n1,1,2024-03-01,5,x\n2,1,2027-06-01,5,x\n";
    home.write("shop/achats.csv", next_year);
    home.ok("run shop --lake lake --once");
    home.ok("rebuild --future-days 3");
    home.ok("run shop --lake lake --once");
    let gold = home.gold_text();
    assert_eq!(home.accounting().accepted_purchases, 1);
    restores_to(&home, "lake", &gold);
}

#[test]
fn a_lake_of_another_store_is_refused_and_left_as_it_is() {
    let home = Home::new();
    write(&home, 3, 50);
    home.ok("run shop --lake lake --once");
    let before = files(&home.path("lake"));
    home.ok("generate --out other --customer-count 30 --purchase-count 900");
    home.ask("run other --lake lake --once --data-dir b").expect(1).says(&["another store"]);
    home.ask("run other --lake lake --once --data-dir c --partitions 2")
        .expect(1)
        .says(&["2", "a lake of its own"]);
    home.ok("reset --yes");
    home.ask("run other --lake lake --once").expect(1).says(&["goldstream restore"]);
    assert_eq!(files(&home.path("lake")), before);
    read(&home, "lake").unwrap();
}

#[test]
fn rows_of_every_kind_come_back_as_they_were() {
    let home = Home::new();
    home.write(
        "shop/clients.csv",
        "customer_id,name,email,date_inscription,country\n1,Ann,,2024-01-01,France\n,,\n",
    );
    home.write(
        "shop/achats.csv",
        "id_achat,id_client,date_achat,montant,produit\n1,1,2024-03-01 10:00:00,\"12,50\",\"a \"\"b\"\"\nc\"\n\
         2,1,31/12/1969,1,x\n3,1,2024-02-30,1,x\n4,1,2024-03-01,1\n\"5,1,2024-03-01,1,x\n",
    );
    let mut running = home.start("run shop --lake lake --partitions 1").ready();
    running.post("/api/v1/purchases", r#"{"purchase_id":9,"customer_id":"1","purchased_at":"2024-05-01","amount":3,"product":"é","gift":true}"#);
    running.post("/api/v1/customers", r#"{"customer_id":"2","name":null,"x":1}"#);
    let all = eventually("all rows are counted", || {
        let status = running.status();
        if status["lag"]["records"] == 0 {
            Ok(status["rows"]["total"].clone())
        } else {
            Err(status.to_string())
        }
    });
    assert_eq!(running.end("TERM"), Some(0));
    home.ok("run shop --lake lake --once");
    holds_the_gold_of(&home, "lake");
    let gold = home.gold_text();
    restores_to(&home, "lake", &gold);
    assert_eq!(
        home.ok("export bronze --format ndjson --data-dir restored"),
        home.ok("export bronze --format ndjson")
    );
    assert!(all.as_u64().unwrap() >= 8, "{all}");
    // Also where the last of them is a line that is no row.
    append(&home.path("shop/achats.csv"), "7,8,9\n");
    home.ok("run shop --lake lake --once");
    home.ok("restore --lake lake --data-dir again");
    home.ok("run shop --lake lake --once --data-dir again");
    holds_the_gold_of(&home, "lake");
}
