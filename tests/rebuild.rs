//! `rebuild` of a file: what was counted goes, the rows stay, and all is counted again.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use crate::spoiled::spoil;
use std::time::Duration;

#[test]
fn gold_that_somebody_changed_is_right_again_and_no_row_is_read_or_lost() {
    let home = Home::new();
    write(&home, 20, 300);
    home.ok("run shop --once");
    let (gold, bronze) = (home.gold_text(), home.ok("export bronze"));
    let refused = home.ok("export quarantine");
    spoil(&home, 2);
    home.ask("verify").expect(3);
    home.ask("rebuild --yes").expect(0).says(&["the rows stay"]);
    home.verify_equal();
    assert!(home.gold_text() == gold, "gold is what it was");
    assert!(home.ok("export bronze") == bronze, "bronze is untouched");
    assert!(home.ok("export quarantine") == refused);
    // Its files are known: nothing is read again.
    home.ok("run shop --once");
    assert!(home.gold_text() == gold, "no row was counted as a duplicate");
}

#[test]
fn a_store_that_is_in_use_or_not_there_or_about_which_nobody_was_asked_is_left_alone() {
    let home = Home::new();
    write(&home, 5, 30);
    home.ask("rebuild --yes").expect(1).says(&["no store", DATA]);
    assert!(!home.path(DATA).exists(), "it makes none");
    let mut running = home.start("run shop").ready();
    running.counts(35);
    home.ask("rebuild --yes").expect(1).says(&["in use"]);
    assert_eq!(running.accounting().rows(), 35);
    assert_eq!(running.end("TERM"), Some(0));
    home.ask("rebuild").expect(1).says(&["--yes"]);
    home.verify_equal();
}

#[test]
fn a_rebuild_that_is_killed_at_any_moment_leaves_a_store_that_counts_right() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 500 --purchase-count 60000 --dirt 5");
    home.ok("run shop --once");
    let (gold, bronze) = (home.gold_text(), home.ok("export bronze"));
    for wait_ms in [0, 5, 10, 20, 40, 80, 160] {
        let rebuild = home.start("rebuild --yes");
        std::thread::sleep(Duration::from_millis(wait_ms));
        rebuild.kill();
        home.verify_equal();
        assert!(home.gold_text() == gold, "after {wait_ms} ms");
    }
    home.ok("rebuild --yes");
    home.verify_equal();
    assert!(home.gold_text() == gold && home.ok("export bronze") == bronze);
}
