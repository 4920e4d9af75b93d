//! Quotes that are never closed: every line of the file has a fate, whatever was read when.

use crate::harness::home::Home;
use crate::harness::shop::{PURCHASES, append, lines, purchase};
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Accounting;
use serde_json::Value;

/// Accepted purchases, and malformed rows.
fn fates(accounting: &Accounting) -> (u64, u64) {
    let malformed = accounting.quarantined.get("purchases.malformed").copied();
    (accounting.accepted_purchases, malformed.unwrap_or(0))
}

fn once(text: &str) -> (Home, Accounting) {
    let home = Home::new();
    home.write("achats.csv", PURCHASES.to_owned() + text);
    home.ok("run --purchases achats.csv --once");
    home.verify_equal();
    let accounting = home.accounting();
    (home, accounting)
}

#[test]
fn twenty_thousand_rows_behind_an_open_quote_are_counted() {
    let text = format!("B1,C1,2024-03-01,1,\"unclosed\n{}", lines(purchase, 0..19_998));
    let (home, accounting) = once(&text);
    assert_eq!(fates(&accounting), (19_998, 1));
    let refused: Value = serde_json::from_str(&home.ok("export quarantine")).unwrap();
    let refused = &refused[0];
    assert_eq!(refused["detail"], "the quote opened at line 2 is not closed");
    assert!(refused["raw"].as_str().unwrap().contains("unclosed"), "{refused}");
    // As a file to correct it is the line, and nothing else.
    let again = home.ok("quarantine show --format csv --kind purchases");
    assert!(again.contains("B1,C1,2024-03-01,1,\"\"unclosed\"") && again.lines().count() == 2);
}

#[test]
fn what_is_between_two_stray_quotes_is_read_and_honest_line_breaks_stay() {
    let rows = lines(purchase, 0..300);
    let inches = format!("B1,C1,2024-03-01,1,\"17 inch\n{rows}B2,C1,2024-03-01,1,\"19 inch\n");
    assert_eq!(fates(&once(&inches).1), (300, 2));
    let escaped = format!("B1,C1,2024-03-01,1,\"17\\\"\"\n{rows}");
    assert_eq!(fates(&once(&escaped).1), (300, 1));
    let honest = format!("B1,C1,2024-03-01,1,\"a note\nin two, lines\"\n{rows}");
    assert_eq!(fates(&once(&honest).1), (301, 0));
}

#[test]
fn a_line_over_the_limit_names_its_place_and_the_rows_behind_it_are_read() {
    let long = format!("B1,C1,2024-03-01,1,{}\n", "x".repeat(300_000));
    let (home, accounting) = once(&(long + &lines(purchase, 0..5)));
    assert_eq!(fates(&accounting), (5, 1));
    let refused: Value = serde_json::from_str(&home.ok("export quarantine")).unwrap();
    let (detail, source) = (&refused[0]["detail"], refused[0]["source"].as_str().unwrap());
    assert_eq!(detail, "row over 256 KiB: line 2, bytes 46 to 300065");
    assert!(source.contains("achats.csv"), "{source}");
    let again = home.ok("quarantine show --format csv --kind purchases");
    assert!(again.len() < 2_000 && again.contains("bytes 46 to 300065"), "{}", again.len());
}

#[test]
fn a_quote_that_is_open_at_the_end_of_a_followed_file_is_told_and_then_given_up() {
    let home = Home::new();
    home.write("achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..1));
    let mut running = home.start("run --purchases achats.csv").ready();
    running.counts(1);
    let achats = home.path("achats.csv");
    append(&achats, "B1,C1,2024-03-01,10,\"Screen 24\n");
    let trouble = eventually("the status says where a quote is open", || {
        let status = running.status();
        let troubles = status["troubles"].to_string();
        if troubles.contains("line 3") { Ok(status) } else { Err(troubles) }
    });
    assert_eq!(trouble["inputs"][0]["state"], "open_quote");
    // Nothing more comes: the line is refused, and nothing waits behind it.
    let accounting = running.counts(2);
    assert_eq!(fates(&accounting), (1, 1));
    // Rows that come while a quote is open close the question at once.
    append(&achats, "B2,C1,2024-03-01,10,\"Screen 25\n");
    append(&achats, lines(purchase, 1..8));
    assert_eq!(fates(&running.counts(10)), (8, 2));
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    // What was decided is not decided again.
    home.ok("run --purchases achats.csv --once");
    assert_eq!(home.accounting().rows(), 10);
}

#[test]
fn what_was_decided_at_an_end_that_stood_still_is_not_undone_by_a_kill_right_after() {
    let home = Home::new();
    home.write("achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..3));
    let mut running = home.start("run --purchases achats.csv").ready();
    running.counts(3);
    append(&home.path("achats.csv"), "B1,C1,2024-03-01,10,\"Screen 24\n");
    running.counts(4);
    // The row stands in the log; where the file was read to may not.
    running.kill();
    let mut running = home.start("run --purchases achats.csv").ready();
    append(&home.path("achats.csv"), lines(purchase, 3..5));
    let accounting = running.counts(6);
    assert_eq!(fates(&accounting), (5, 1));
    assert_eq!(accounting.duplicate_purchases, 0);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}
