//! SIGKILL at random moments, again and again: gold stays what an undisturbed run gives.

use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::shop::{append, expected_gold, online_retail, rows};
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Accounting;
use serde_json::Value;
use std::time::Duration;

/// What a process is doing when it is killed.
enum Moment {
    /// Whatever it does after a drawn while, at most so many milliseconds.
    Within(u64),
    /// Nothing, or the last flush: all that stands in its files so far is counted.
    Idle,
}

/// Kills it at that moment: how many rows it said were counted just before, 0 where it was not
/// loaded yet.
fn kill_sometime(mut running: Running, draw: &mut Draw, moment: &Moment, toll: &mut Toll) -> u64 {
    let address = running.address();
    match moment {
        // The moment of death is what is drawn here; nothing is waited for.
        Moment::Within(life_ms) => std::thread::sleep(Duration::from_millis(draw.below(*life_ms))),
        Moment::Idle => {
            toll.recovers(|| running.wait_until_ready());
            eventually("nothing is left to be counted", || {
                let status = running.status();
                if status["lag"]["records"] == 0 { Ok(()) } else { Err(status["lag"].to_string()) }
            });
        }
    }
    let counted = http::get(&format!("http://{address}/api/v1/accounting"));
    running.kill();
    toll.struck();
    let Ok((200, body)) = counted else { return 0 };
    serde_json::from_str::<Accounting>(&body).unwrap().rows()
}

/// Tells how the kills hit; at least so many of them while rows were still to be counted.
fn check_hits(counted: &[u64], rows: u64, at_least: usize) {
    let early = counted.iter().filter(|counted| **counted < rows).count();
    println!(
        "{early} of {} kills hit before all {rows} rows were counted: {counted:?}",
        counted.len()
    );
    assert!(early >= at_least);
}

#[test]
fn a_growing_shop_survives_twenty_kills_with_the_gold_of_an_undisturbed_run() {
    let mut draw = Draw::announced("kills");
    let home = Home::new();
    let (kills, purchases) = (chaos::times(20), chaos::times(150_000));
    home.ok(&format!(
        "generate --out whole --customer-count 5000 --purchase-count {purchases} --dirt 5 --seed 5"
    ));
    home.ok("run whole --once --data-dir undisturbed");
    let undisturbed = home.ok("export gold --data-dir undisturbed");

    // Half of the purchases stand there at first; the rest comes in pieces, cut anywhere.
    let purchases = std::fs::read(home.path("whole/achats.csv")).unwrap();
    let all_rows = rows(&home.path("whole/clients.csv")) + rows(&home.path("whole/achats.csv"));
    let (first, rest) = purchases.split_at(purchases.len() / 2);
    home.write("shop/clients.csv", std::fs::read(home.path("whole/clients.csv")).unwrap());
    home.write("shop/achats.csv", first);
    let (mut counted, mut toll) = (Vec::new(), Toll::of("one process killed while its file grows"));
    for (round, piece) in rest.chunks(rest.len().div_ceil(kills)).enumerate() {
        let moment = if round % 4 == 3 { Moment::Idle } else { Moment::Within(400) };
        let running = home.start("run shop");
        append(&home.path("shop/achats.csv"), piece);
        counted.push(kill_sometime(running, &mut draw, &moment, &mut toll));
    }
    check_hits(&counted, all_rows, kills / 2);
    home.ok("run shop --once");
    home.verify_equal();
    assert!(home.gold_text() == undisturbed, "gold after kills is another one");
}

#[test]
fn the_real_shop_survives_kills_while_it_is_read() {
    let mut draw = Draw::announced("kills of the real shop");
    let home = Home::new();
    let shop = online_retail();
    let run = format!("run {}", shop.display());
    let (kills, mut toll) = (chaos::times(8), Toll::of("the real shop killed while it is read"));
    let mut counted = Vec::new();
    for _ in 0..kills {
        counted.push(kill_sometime(home.start(&run), &mut draw, &Moment::Within(400), &mut toll));
    }
    // Of a long series, most come after the last row.
    check_hits(&counted, 541_909, 3);
    home.ok(&format!("{run} --once"));
    home.verify_equal();
    let [gold, expected]: [Value; 2] =
        [home.gold_text(), expected_gold()].map(|text| serde_json::from_str(&text).unwrap());
    assert!(gold == expected, "gold after kills is another one");
}
