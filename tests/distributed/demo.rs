//! The demo over servers: one process makes its rows, others count them, under the demo's own prefix.

use super::team::Team;
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::wait::eventually;

/// What its first twelve months have at least.
const HISTORY: u64 = 600_000;

/// Waits until it has sold more than `than`: how many.
fn more_sales(server: &mut Running, than: u64) -> u64 {
    eventually(&format!("there are over {than} sales"), || {
        let sales = server.accounting().accepted_purchases;
        if sales > than { Ok(sales) } else { Err(sales.to_string()) }
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
    let begun = more_sales(team.server(), 0);
    // Nothing of the demo is on this disk, and its history is not read to its end.
    team.kill_and_restart_as(0, &produce);
    let sales = more_sales(team.server(), HISTORY.max(begun));
    more_sales(team.server(), sales);
    let accounting = team.server().accounting();
    // As many as are dirty, in a thousand.
    let repeated = accounting.duplicate_purchases * 1000 / accounting.rows();
    assert!(repeated < 2 && accounting.unchanged_customers == 0, "{accounting:?}");
    let status = team.server().get("/api/v1/status");
    assert!(status.contains(r#""demo":true"#), "{status}");
    team.end();
}
