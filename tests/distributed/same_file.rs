//! Two processes that follow the same file over the same servers: neither ends, and each row counts once.

use crate::harness::home::Home;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;

#[test]
fn two_that_follow_the_same_file_both_go_on_and_each_row_counts_once() {
    let home = Home::on_servers("same-file");
    write(&home, 10, 100);
    let mut both = [home.start("run shop").ready(), home.start("run shop").ready()];
    both[0].counts(110);
    for round in 1..=20 {
        let rows = lines(purchase, round * 100..(round + 1) * 100);
        append(&home.path("shop/achats.csv"), rows);
        let [one, other] = &mut both;
        for running in [one, other] {
            running.counts(110 + round * 100);
        }
    }
    // They may have taken turns: that is told, and no longer than it lasts.
    for running in &mut both {
        eventually("no input stands still", || {
            let status = running.get("/api/v1/status");
            if status.contains("another goldstream") { Err(status) } else { Ok(()) }
        });
    }
    let [one, other] = both;
    one.kill();
    append(&home.path("shop/achats.csv"), lines(purchase, 2_100..2_200));
    let mut other = other;
    other.counts(2_210);
    assert_eq!(other.end("TERM"), Some(0));
    home.verify_equal();
    let accounting = home.accounting();
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (2_200, 0));
}
