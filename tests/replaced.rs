//! Files whose already read part changed: they are read again, whole, as a new source.

use crate::harness::home::Home;
use crate::harness::shop::{PURCHASES, append, lines, purchase, write};
use goldstream_domain::gold::report::Accounting;

/// Purchases by fate: accepted, duplicate, conflicting.
fn purchases(accounting: &Accounting) -> (u64, u64, u64) {
    let conflicts = accounting.quarantined.get("purchases.conflicting_duplicate").copied();
    let Accounting { accepted_purchases, duplicate_purchases, .. } = *accounting;
    (accepted_purchases, duplicate_purchases, conflicts.unwrap_or(0))
}

#[test]
fn a_followed_file_that_is_replaced_by_a_changed_one_is_read_again() {
    let home = Home::new();
    write(&home, 10, 20);
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 100..120));
    let mut running = home.start("run shop").ready();
    running.counts(30);
    let text = PURCHASES.to_owned() + &lines(purchase, 101..125);
    home.write("new.csv", text);
    std::fs::rename(home.path("new.csv"), home.path("shop/achats.csv")).unwrap();
    let accounting = running.counts(30 + 24);
    assert_eq!(purchases(&accounting), (25, 19, 0));
    // It is followed on.
    append(&home.path("shop/achats.csv"), purchase(125));
    assert_eq!(purchases(&running.counts(55)), (26, 19, 0));
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn a_followed_file_that_is_replaced_by_one_with_the_same_beginning_is_read_on() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    home.write("new.csv", PURCHASES.to_owned() + &lines(purchase, 0..30));
    std::fs::rename(home.path("new.csv"), home.path("shop/achats.csv")).unwrap();
    assert_eq!(purchases(&running.counts(40)).1, 0);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn a_followed_file_that_is_cut_and_written_anew_is_read_again() {
    let home = Home::new();
    write(&home, 10, 0);
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 100..120));
    let mut running = home.start("run shop").ready();
    running.counts(30);
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 200..205));
    assert_eq!(purchases(&running.counts(35)), (25, 0, 0));
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn a_file_that_changed_between_two_runs_is_read_again() {
    let home = Home::new();
    write(&home, 10, 20);
    // The first purchase is refused: 0.00 is not above zero.
    let text = PURCHASES.to_owned() + &lines(purchase, 0..20);
    home.write("shop/achats.csv", text.replacen(",1.50,", ",0.00,", 1));
    home.ok("run shop --once");
    assert_eq!(purchases(&home.accounting()), (19, 0, 0));
    // Corrected in place: as long as before, and with five rows more.
    home.write("shop/achats.csv", text + &lines(purchase, 20..25));
    for _ in 0..2 {
        home.ok("run shop --once");
        assert_eq!(purchases(&home.accounting()), (25, 19, 0));
    }
    home.verify_equal();
}

#[test]
fn once_takes_an_unfinished_last_line_and_sees_whether_it_went_on() {
    for (end, expected) in [("\n", (2, 0, 0)), ("\r\n", (2, 0, 0)), (" Pro\n", (2, 1, 1))] {
        let home = Home::new();
        write(&home, 10, 0);
        home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 1..3));
        let text = std::fs::read_to_string(home.path("shop/achats.csv")).unwrap();
        home.write("shop/achats.csv", text.trim_end());
        home.ok("run shop --once");
        assert_eq!(purchases(&home.accounting()), (2, 0, 0));
        home.ok("run shop --once");
        assert_eq!(purchases(&home.accounting()), (2, 0, 0), "counted twice");
        append(&home.path("shop/achats.csv"), end);
        home.ok("run shop --once");
        assert_eq!(purchases(&home.accounting()), expected, "{end:?}");
        append(&home.path("shop/achats.csv"), purchase(3));
        home.ok("run shop --once");
        assert_eq!(home.accounting().accepted_purchases, 3, "{end:?}");
        home.verify_equal();
    }
}
