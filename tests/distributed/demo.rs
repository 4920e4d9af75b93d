//! The demo over servers: one process makes its rows, others count them, under the demo's own prefix.

use super::team::Team;
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::wait::eventually;

const HISTORY: u64 = 23_663;

/// Waits until it has more live purchases than `than`: how many.
fn more_live(server: &mut Running, than: u64) -> u64 {
    eventually(&format!("there are over {than} live purchases"), || {
        let accounting = server.accounting();
        let live = accounting.accepted_purchases.saturating_sub(HISTORY);
        if live > than { Ok(live) } else { Err(format!("{accounting:?}")) }
    })
}

#[test]
fn a_demo_that_is_produced_anywhere_goes_on_with_its_history() {
    let home = Home::on_servers("shop");
    // Named in full it is the same prefix.
    let prefix = format!("{}-demo", home.variable("GOLDSTREAM_PREFIX"));
    let produce = format!("produce --demo --prefix {prefix}");
    let consume = format!("consume all --prefix {prefix}");
    let serve = format!("serve --prefix {prefix}");
    let mut team = Team::start(&home, &["produce --demo", &consume, &serve]);
    let live = more_live(team.server(), 0);
    // Nothing of the demo is on this disk.
    team.kill_and_restart_as(0, &produce);
    more_live(team.server(), live);
    let accounting = team.server().accounting();
    assert_eq!((accounting.customer_versions, accounting.duplicate_purchases), (1500, 0));
    let status = team.server().get("/api/v1/status");
    assert!(status.contains(r#""demo":true"#), "{status}");
    team.end();
}
