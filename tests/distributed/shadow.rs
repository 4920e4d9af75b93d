//! A shadow on servers: other rules beside what is served, on rows that still come; what differs is named, and
//! either of both is served in the end.

use crate::harness::home::Home;
use crate::harness::shop::{append, write};
use crate::harness::wait::eventually;

/// `diff` ends so and prints this.
fn shows(home: &Home, code: i32, words: &str) {
    let said = home.ask("diff").expect(code).stdout;
    assert!(said.contains(words), "{said}");
}

#[test]
fn other_rules_are_tried_on_live_rows_beside_what_is_served() {
    let home = Home::on_servers("shadow");
    write(&home, 5, 50);
    let mut running = home.start("run shop").ready();
    running.counts(55);
    let gold = home.gold_text();
    home.ask("diff").expect(1).says(&["nothing is folded beside", "rebuild --shadow"]);
    home.ask("rebuild --shadow --future-days 40000").expect(0).says(&["goldstream diff"]);
    shows(&home, 0, "equal: generation 1 is what generation 0 is");
    // A purchase so far ahead is refused by the rules of what is served.
    append(&home.path("shop/achats.csv"), "far,C1,2099-01-01,12.50,Pen\n");
    running.counts(56);
    let said = home.ask("diff").expect(3).stdout;
    for line in [
        "days 2099-01-01: only beside:",
        "months 2099-01: only beside:",
        "accounting accepted_purchases: served 50, beside 51",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("rows still come"), "{said}");
    let status = running.status();
    assert_eq!(
        (&status["rebuild"]["shadow"], &status["rebuild"]["percent"]),
        (&true.into(), &100.into())
    );
    assert!(home.gold_text() != gold, "one more row is refused");
    assert_eq!(home.accounting().accepted_purchases, 50, "what is served is by its own rules");
    home.ask("rebuild --abandon").expect(0);
    home.ask("diff").expect(1).says(&["nothing is folded beside"]);
    // And in earnest: the shadow is served once that is wished.
    home.ok("rebuild --shadow --future-days 40000");
    home.ask("rebuild").expect(0).says(&["generation 2 is served"]);
    eventually("the new rules are served", || match running.accounting().accepted_purchases {
        51 => Ok(()),
        other => Err(other.to_string()),
    });
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn on_a_data_directory_too_running_or_not() {
    let home = Home::new();
    write(&home, 5, 50);
    append(&home.path("shop/achats.csv"), "far,C1,2099-01-01,12.50,Pen\n");
    home.ok("run shop --once");
    home.ask("diff").expect(1).says(&["nothing is folded beside"]);
    home.ask("rebuild --shadow --future-days 40000").expect(0).says(&["goldstream diff"]);
    shows(&home, 3, "days 2099-01-01: only beside:");
    // Nothing waits for a shadow, and no start replaces what is served by it.
    home.ok("run shop --once");
    home.verify_equal();
    assert_eq!(home.accounting().accepted_purchases, 50);
    shows(&home, 3, "accounting accepted_purchases: served 50, beside 51");
    let mut running = home.start("run shop").ready();
    shows(&home, 3, "days 2099-01-01: only beside:");
    append(&home.path("shop/achats.csv"), "further,C1,2099-01-02,12.50,Pen\n");
    running.counts(57);
    let said = home.ask("diff").expect(3).stdout;
    assert!(said.contains("served 50, beside 52") && !said.contains("rows still come"), "{said}");
    home.ask("rebuild").expect(0).says(&["all rows are counted again"]);
    eventually("the new rules are served", || match running.accounting().accepted_purchases {
        52 => Ok(()),
        other => Err(other.to_string()),
    });
    home.ask("rebuild --shadow").expect(0);
    shows(&home, 0, "equal");
    home.ask("rebuild --abandon").expect(0);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}
