//! One record of silver that nobody can read: passed over by name, and told for ever.

use crate::harness::broker::produce;
use crate::harness::home::Home;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use serde_json::Value;

/// The partition and the position of the record that halts gold.
fn culprit(status: &str) -> Option<(u64, u64)> {
    let (_, from) = status.split_once(".silver/")?;
    let (partition, rest) = from.split_once(" at ")?;
    let position = rest.split_once(": a record that no goldstream wrote")?.0;
    Some((partition.parse().ok()?, position.parse().ok()?))
}

#[test]
fn a_record_that_nobody_can_read_is_passed_over_by_name_and_told_from_then_on() {
    let home = Home::on_servers("skipped");
    write(&home, 20, 200);
    home.ok("run shop --once");
    produce(
        &format!("{}.silver", home.variable("GOLDSTREAM_PREFIX")),
        &[("one".to_owned(), "no event".to_owned())],
    );
    let mut running = home.start("run shop --follow").ready();
    let (partition, position) =
        eventually("a shard of gold stands still and names the record", || {
            let status = running.get("/api/v1/status");
            culprit(&status).filter(|_| status.contains("halted")).ok_or(status)
        });
    append(&home.path("shop/achats.csv"), lines(purchase, 200..400));
    assert_eq!(running.end("TERM"), Some(0));

    // Nothing else is passed over.
    let skip = |position: u64| {
        home.ask_words(&[
            "skip",
            &format!("silver/{partition}"),
            &position.to_string(),
            "--why",
            "a test wrote it",
        ])
    };
    skip(position - 1).expect(1).says(&["can be read", "it stands"]);
    skip(position + 100_000).expect(1).says(&["no record"]);
    home.ask("skip bronze.purchases/0 1 --why x").expect(2).says(&["silver/N"]);
    home.ask("skip silver/9 1 --why x").expect(1).says(&["the last is silver/3"]);
    skip(position).expect(0).says(&["no goldstream wrote", "restart what consumes gold"]);

    home.ok("run shop --once");
    home.verify_equal();
    assert_eq!(home.accounting().rows(), 420, "what stood behind it is counted");
    let told = home.ok("status");
    let told: Vec<_> = told.lines().filter(|line| line.starts_with("warning")).collect();
    let sentence = format!("the record at {position} of silver/{partition} is skipped");
    assert!(told.len() == 1 && told[0].contains(&sentence), "{told:?}");
    assert!(told[0].contains("a test wrote it") && told[0].contains('@'), "{told:?}");
    let status: Value = serde_json::from_str(&home.ok("status --json")).unwrap();
    assert!(status["troubles"].as_object().unwrap().is_empty(), "{status}");
    skip(position).expect(1).says(&["skipped already"]);

    // It has its place in a silver that a rebuild takes away.
    home.ok("rebuild --yes");
    home.ok("run shop --once");
    home.verify_equal();
    assert!(!home.ok("status").contains("skipped"));
}

#[test]
fn a_data_directory_has_nothing_to_skip() {
    Home::new().ask("skip silver/0 1 --why x").expect(2).says(&["data directory"]);
}
