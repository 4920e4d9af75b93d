//! The demo: a history up to last midnight, then live purchases with today's date, in its own store.

use crate::harness::home::{DATA, Home};
use crate::harness::process::Running;
use crate::harness::wait::eventually;
use goldstream_platform::clock::local_now;

const HISTORY: u64 = 23_663;

/// Waits until it has more live purchases than `than`: how many.
fn more_live(running: &mut Running, than: u64) -> u64 {
    eventually(&format!("there are over {than} live purchases"), || {
        let accounting = running.accounting();
        let live = accounting.accepted_purchases.saturating_sub(HISTORY);
        if live > than { Ok(live) } else { Err(format!("{accounting:?}")) }
    })
}

#[test]
fn the_demo_counts_its_history_once_and_sells_on_today() {
    let home = Home::new();
    let demo = format!("{DATA}/demo");
    let first_day = local_now().day();
    let mut running = home.start_over(&demo, "run --demo").ready();
    let live = more_live(&mut running, 0);
    let live = more_live(&mut running, live);
    let gold = running.gold();
    let today = local_now().day();
    let accounting = &gold.accounting;
    assert_eq!((accounting.customer_versions, accounting.unchanged_customers), (1500, 0));
    assert_eq!((accounting.duplicate_purchases, accounting.quarantined.len()), (0, 0));
    let (last, before) = (&gold.days[gold.days.len() - 1], &gold.days[gold.days.len() - 2]);
    assert!(last.day == first_day || last.day == today, "live purchases bear {}", last.day);
    assert!(before.day < last.day && last.orders >= live, "{last:?} after {before:?}");
    assert_eq!(gold.summary.countries, 9);
    assert_eq!(gold.summary.products, 10);

    running.kill();
    let mut running = home.start_over(&demo, "run --demo").ready();
    let live = more_live(&mut running, live);
    more_live(&mut running, live);
    let accounting = running.accounting();
    assert_eq!((accounting.customer_versions, accounting.duplicate_purchases), (1500, 0));
    assert_eq!(running.end("TERM"), Some(0));

    let entries: Vec<_> = std::fs::read_dir(home.path(DATA)).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1, "the demo touched its neighbour's store: {entries:?}");
    let said = home.ok(&format!("verify --data-dir {demo}"));
    assert!(said.starts_with("equal"), "{said}");
}
