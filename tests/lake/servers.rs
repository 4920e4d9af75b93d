//! The role `goldstream lake` over Kafka and Redis: several share the partitions, and one that stood still while
//! another went on writes nothing twice.

use super::holds_the_gold_of;
use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Accounting;
use std::time::Duration;

const SMALL: &str = "[lake]\nrows = 300\nseconds = 1\n";

/// All rows that are counted are in the lake: as rows, as events or refused.
fn is_up_to_date(serving: &mut Running) {
    eventually("the lake is up to date", || {
        let status = serving.status();
        let of: Accounting = serde_json::from_value(status["rows"].clone()).unwrap();
        let refused: u64 = of.quarantined.values().sum();
        let all = of.rows() + of.accepted_purchases + of.customer_versions + refused;
        let is_idle = status["lag"]["records"] == 0 && status["lake"]["rows"] == all;
        let seen = || format!("{all} {} {}", status["lake"], status["troubles"]);
        if is_idle { Ok(()) } else { Err(seen()) }
    });
}

#[test]
fn writers_that_are_killed_and_stand_still_in_turn_leave_each_row_once() {
    let mut draw = Draw::announced("writers of one lake");
    let home = Home::on_servers("lake");
    home.write("goldstream.toml", SMALL);
    home.ok("generate --out whole --customer-count 200 --purchase-count 12000 --dirt 10 --seed 6");
    let mut serving = home.start_over("serve", "run --lake lake").ready();
    let mut writers =
        vec![home.start_over("a", "lake --lake lake"), home.start_over("b", "lake --lake lake")];
    let purchases = std::fs::read_to_string(home.path("whole/achats.csv")).unwrap();
    let (head, lines) = purchases.split_once('\n').unwrap();
    let lines: Vec<_> = lines.lines().collect();
    home.ok("produce --customers whole/clients.csv");
    let mut toll = Toll::of("a writer of a lake on servers killed or stopped");
    for (round, piece) in lines.chunks(lines.len().div_ceil(chaos::times(8))).enumerate() {
        let file = format!("piece-{round}.csv");
        home.write(&file, format!("{head}\n{}\n", piece.join("\n")));
        let at = draw.below(writers.len() as u64) as usize;
        if round % 2 == 0 {
            writers[at].signal("STOP");
        }
        home.ok(&format!("produce --purchases {file}"));
        std::thread::sleep(Duration::from_millis(draw.below(2_000)));
        if round % 2 == 0 {
            writers[at].signal("CONT");
        } else {
            let name = format!("w{round}");
            writers.swap_remove(at).kill();
            writers.push(home.start_over(&name, "lake --lake lake"));
        }
        toll.struck();
    }
    is_up_to_date(&mut serving);
    for writer in writers {
        assert_eq!(writer.end("TERM"), Some(0));
    }
    assert_eq!(serving.end("TERM"), Some(0));
    home.verify_equal();
    holds_the_gold_of(&home, "lake");
    // Into topics of another prefix, and into a file.
    let gold = home.gold_text();
    let other = format!("{}-again", home.variable("GOLDSTREAM_PREFIX"));
    home.ask(&format!("restore --lake lake --prefix {other}")).expect(0).says(&["rows restored"]);
    let mut again = home.start_over("again", &format!("run --prefix {other}")).ready();
    eventually("all rows are counted again", || {
        let lag = again.status()["lag"]["records"].clone();
        if lag == 0 { Ok(()) } else { Err(lag.to_string()) }
    });
    assert!(home.ok(&format!("export gold --prefix {other}")) == gold);
    assert_eq!(again.end("TERM"), Some(0));
}
