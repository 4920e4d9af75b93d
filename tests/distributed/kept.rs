//! A store on servers that an earlier commit has made, kept as its records and keys were: it opens, is served as it
//! stands, and gives the same gold once its rows are counted again by a later version.

use crate::harness::dump::Dump;
use crate::harness::home::Home;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use crate::stores::{OF_THEN, kept};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use goldstream_platform::topology::LOGIC_VERSION;
use serde_json::{Value, json};
use std::fs::File;

fn gold_of_then() -> Value {
    serde_json::from_slice(&kept("before-generations.servers.gold.json")).unwrap()
}

fn gold(home: &Home) -> Value {
    serde_json::from_str(&home.gold_text()).unwrap()
}

/// The store of 424 dirty rows that the last commit before generations made.
fn before_generations() -> Home {
    let home = Home::on_servers("kept");
    let file = kept("before-generations.servers.json.gz");
    let dump: Dump = serde_json::from_reader(GzDecoder::new(&*file)).unwrap();
    dump.put(home.variable("GOLDSTREAM_PREFIX"));
    // It is followed for new rows; those of then are known by their log alone.
    write(&home, 0, 0);
    home
}

#[test]
fn a_store_on_servers_of_before_generations_opens_as_it_is() {
    let home = before_generations().with(OF_THEN.0, OF_THEN.1);
    assert_eq!(gold(&home), gold_of_then());
    assert!(home.ok("version --store").contains("generation 0, folded by logic version 2"));
}

#[test]
fn by_the_rules_of_now_it_is_served_until_its_rows_are_counted_again() {
    let home = before_generations();
    // Nobody folds it yet.
    let mut serving = home.start("serve").ready();
    let served: Value = serde_json::from_str(&serving.get("/api/v1/gold")).unwrap();
    assert_eq!(served["summary"], gold_of_then()["summary"]);
    let before = serving.status()["epoch"].clone();
    let folding = home.start("consume");
    eventually("it is served by the new version's own rules", || {
        let version: Value = serde_json::from_str(&serving.get("/version")).unwrap();
        let wanted = json!({ "generation": 1, "logic_version": LOGIC_VERSION });
        if version["store"] == wanted { Ok(()) } else { Err(version.to_string()) }
    });
    eventually("the feed has begun a new epoch", || {
        let epoch = serving.status()["epoch"].clone();
        if epoch == before { Err(epoch.to_string()) } else { Ok(()) }
    });
    assert_eq!(folding.end("TERM"), Some(0));
    assert_eq!(serving.end("TERM"), Some(0));
    assert_eq!(gold(&home), gold_of_then(), "accounting included");
    home.verify_equal();
    // The way back: the consumers of then go on with what they left.
    home.ask("rebuild --back").expect(0).says(&["no process runs the silver stage"]);
    let mut command = home.command("consume");
    command.env(OF_THEN.0, OF_THEN.1);
    let of_then = home.run(command);
    eventually("what was kept is served again", || {
        let version = home.ok("version --store");
        let is_back = version.contains("generation 0, folded by logic version 2");
        if is_back { Ok(()) } else { Err(version) }
    });
    assert_eq!(of_then.end("TERM"), Some(0));
    let home = home.with(OF_THEN.0, OF_THEN.1);
    assert_eq!(gold(&home), gold_of_then());
}

#[test]
#[ignore = "keeps what another version has put under GOLDSTREAM_KEPT_PREFIX, in the file GOLDSTREAM_KEPT_FILE"]
fn what_stands_on_servers_is_kept() {
    let told = |name| std::env::var(name).expect(name);
    let file = File::create(told("GOLDSTREAM_KEPT_FILE")).unwrap();
    let mut file = GzEncoder::new(file, Compression::best());
    serde_json::to_writer(&mut file, &Dump::take(&told("GOLDSTREAM_KEPT_PREFIX"))).unwrap();
    file.finish().unwrap();
}
