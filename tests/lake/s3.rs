//! A lake in a bucket of a real MinIO, over lines that are cut.

use super::{count_the_real_shop_under_kills, grow_under_kills, holds_the_gold_of, restores_to};
use crate::harness::chaos;
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::proxy::{Cut, Proxy};
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;
use std::time::Duration;

const SMALL: &str = "[lake]\nrows = 300\nseconds = 1\nregion = \"us-east-1\"\n";

/// A place to work in whose lake is a prefix of its own in the shared bucket, reached at this address.
fn home_with_bucket(endpoint: &str) -> (Home, String) {
    let home = Home::new()
        .with("AWS_ACCESS_KEY_ID", "minioadmin")
        .with("AWS_SECRET_ACCESS_KEY", "minioadmin")
        .with("AWS_REGION", "us-east-1")
        .with("AWS_ENDPOINT_URL", endpoint);
    (home, format!("s3://lake/{}", servers::fresh_prefix("lake")))
}

/// The shared MinIO behind a proxy.
fn behind(proxy: &Proxy) -> String {
    proxy.lead_to(servers::s3().strip_prefix("http://").unwrap());
    format!("http://127.0.0.1:{}", proxy.port())
}

#[test]
fn the_lake_of_the_real_shop_in_a_bucket_gives_its_gold_to_the_cent() {
    let (home, lake) = home_with_bucket(&servers::s3());
    count_the_real_shop_under_kills(&home, &lake, 12);
    holds_the_gold_of(&home, &lake);
    let gold = home.gold_text();
    restores_to(&home, &lake, &gold);
}

#[test]
fn kills_cut_lines_and_answers_that_are_lost_leave_each_row_in_the_bucket_once() {
    let mut draw = Draw::announced("faults of the bucket");
    let proxy = Proxy::start();
    let (home, lake) = home_with_bucket(&behind(&proxy));
    home.write("goldstream.toml", SMALL);
    let rounds = chaos::times(30);
    home.ok("generate --out whole --customer-count 200 --purchase-count 9000 --dirt 10 --seed 4");
    let cut = |round| proxy.cut(Cut::ALL[round % Cut::ALL.len()]);
    grow_under_kills(&home, &lake, (&mut draw, rounds, 1_200), cut);
    holds_the_gold_of(&home, &lake);
    let gold = home.gold_text();
    restores_to(&home, &lake, &gold);
}

#[test]
fn while_the_bucket_is_away_nothing_waits_and_afterwards_all_is_there() {
    let proxy = Proxy::start();
    let (home, lake) = home_with_bucket(&behind(&proxy));
    home.write("goldstream.toml", SMALL);
    write(&home, 20, 400);
    let mut running = home.start(&format!("run shop --lake {lake}")).ready();
    running.counts(420);
    proxy.cut_off();
    append(&home.path("shop/achats.csv"), lines(purchase, 400..900));
    running.counts(920);
    eventually("it is told that the bucket is away", || {
        let troubles = running.status()["troubles"].clone();
        let told = troubles["lake"].as_str().is_some_and(|told| told.contains("is away"));
        if told { Ok(()) } else { Err(troubles.to_string()) }
    });
    assert_eq!(
        crate::harness::http::get(&format!("http://{}/readyz", running.address())).unwrap().0,
        200
    );
    if chaos::times(1) > 1 {
        std::thread::sleep(Duration::from_secs(60));
    }
    behind(&proxy);
    eventually("all is in the lake", || {
        let status = running.status();
        let is_over = status["lake"]["lag_records"] == 0 && status["troubles"]["lake"].is_null();
        if is_over { Ok(()) } else { Err(format!("{} {}", status["lake"], status["troubles"])) }
    });
    assert_eq!(running.end("TERM"), Some(0));
    home.ok(&format!("run shop --lake {lake} --once"));
    holds_the_gold_of(&home, &lake);
}

#[test]
fn a_bucket_that_is_not_there_or_not_ours_is_said_at_once() {
    let (home, _) = home_with_bucket(&servers::s3());
    write(&home, 3, 5);
    home.ask("run shop --once --lake s3://no-such-bucket/x").expect(1).says(&["no-such-bucket"]);
    let said = home.ask("doctor --lake s3://no-such-bucket/x").expect(3).stdout;
    assert!(said.contains("mend  the lake s3://no-such-bucket/x"), "{said}");
    let said = home.ok("doctor --lake s3://lake/none");
    assert!(said.contains("has no lake yet"), "{said}");
    let stranger = home.with("AWS_SECRET_ACCESS_KEY", "wrong-wrong");
    stranger.ask("run shop --once --lake s3://lake/x").expect(1).says(&["lake"]);
}
