//! Stores that earlier commits have made, kept as they were: they open, are served as they stand, and give the
//! same gold, and what gold has got since, once their rows are counted again by this version.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use flate2::read::GzDecoder;
use goldstream_platform::topology::LOGIC_VERSION;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;

pub(crate) fn kept(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/stores").join(name);
    std::fs::read(path).unwrap()
}

/// The version by whose rules these stores were folded: its gold has no hours.
pub(crate) const OF_THEN: (&str, &str) = ("GOLDSTREAM_LOGIC_VERSION", "2");

/// The store of 346 dirty rows that the last commit before generations made.
fn before_generations() -> Home {
    let home = Home::new();
    let mut file = Vec::new();
    GzDecoder::new(&*kept("before-generations.redb.gz")).read_to_end(&mut file).unwrap();
    home.write(&format!("{DATA}/goldstream.redb"), file);
    // It is followed for new rows; those of then are known by their log alone.
    write(&home, 0, 0);
    home
}

fn gold_of_then() -> Value {
    serde_json::from_slice(&kept("before-generations.gold.json")).unwrap()
}

fn gold(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_store_of_before_generations_opens_as_it_is() {
    let home = before_generations().with(OF_THEN.0, OF_THEN.1);
    assert_eq!(gold(&home.gold_text()), gold_of_then());
    home.ask("export weekdays").expect(1).says(&["counted by an older version"]);
    assert!(home.ok("version --store").contains("generation 0, folded by logic version 2"));
    // Counted beside it the same rows have hours, which says nothing of them.
    home.ask("rebuild --shadow").expect(0);
    assert_eq!(home.ok("diff"), "equal: generation 1 is what generation 0 is\n");
}

/// Orders and revenue of all hours of the week.
fn week(home: &Home) -> (u64, i64) {
    let rows = gold(&home.ok("export weekdays"));
    let rows = rows.as_array().unwrap();
    let sum = |name: &str| rows.iter().map(|row| row[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!(rows.len(), 168);
    (sum("orders").unsigned_abs(), sum("revenue_cents"))
}

#[test]
fn by_the_rules_of_now_it_gives_the_same_gold_from_its_rows_and_hours_beside() {
    let home = before_generations();
    let mut running = home.start("run shop");
    eventually("it is served by the new version's own rules", || {
        let version: Value = serde_json::from_str(&running.get("/version")).unwrap();
        let wanted = json!({ "generation": 1, "logic_version": LOGIC_VERSION });
        if version["store"] == wanted { Ok(()) } else { Err(version.to_string()) }
    });
    assert_eq!(running.end("TERM"), Some(0));
    let then = gold_of_then();
    assert_eq!(gold(&home.gold_text()), then, "accounting included");
    home.verify_equal();
    let summary = &then["summary"];
    let expected = (summary["orders"].as_u64(), summary["revenue_cents"].as_i64());
    let (orders, revenue_cents) = week(&home);
    assert_eq!((Some(orders), Some(revenue_cents)), expected);
    // The way back: the version of then serves what it left.
    home.ask("rebuild --back").expect(0).says(&["as it stands"]);
    let home = home.with(OF_THEN.0, OF_THEN.1);
    assert_eq!(gold(&home.gold_text()), gold_of_then());
}
