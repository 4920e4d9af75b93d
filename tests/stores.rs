//! Stores that earlier commits have made, kept as they were: they open, are served as they stand, and give the
//! same gold once their rows are counted again by a later version.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;

fn kept(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/stores").join(name);
    std::fs::read(path).unwrap()
}

/// The store of 346 dirty rows that the last commit before generations made, under a program of that version.
fn before_generations(logic_version: &str) -> Home {
    let home = Home::new().with("GOLDSTREAM_LOGIC_VERSION", logic_version);
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
    let home = before_generations("2");
    assert_eq!(gold(&home.gold_text()), gold_of_then());
    home.verify_equal();
    assert!(home.ok("version --store").contains("generation 0, folded by logic version 2"));
}

#[test]
fn under_a_raised_logic_version_it_gives_the_same_gold_from_its_rows() {
    let home = before_generations("3");
    let mut running = home.start("run shop");
    eventually("it is served by the new version's own rules", || {
        let version: Value = serde_json::from_str(&running.get("/version")).unwrap();
        let wanted = json!({ "generation": 1, "logic_version": 3 });
        if version["store"] == wanted { Ok(()) } else { Err(version.to_string()) }
    });
    assert_eq!(running.end("TERM"), Some(0));
    assert_eq!(gold(&home.gold_text()), gold_of_then(), "accounting included");
    home.verify_equal();
    // The way back: the version of then serves what it left.
    home.ask("rebuild --back").expect(0).says(&["as it stands"]);
    let home = home.with("GOLDSTREAM_LOGIC_VERSION", "2");
    assert_eq!(gold(&home.gold_text()), gold_of_then());
}
