//! A broker that is away is no reason to end a process: it waits, and lives.

use crate::harness::home::Home;
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;
use goldstream_platform::limits::SILENCE_MAX;
use serde_json::Value;
use std::time::Instant;

const LINES: [(&str, &str); 4] = [
    ("consume silver", "silver"),
    ("consume gold", "gold"),
    ("serve", "serve"),
    ("produce shop --follow", "produce"),
];

#[test]
fn every_role_is_healthy_while_the_broker_is_away() {
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let home = Home::on(kafka.address(), redis.url(), "healthy");
    write(&home, 2, 10);
    let start = |(line, name)| home.start(&format!("{line} --heartbeat {name}"));
    let mut team = LINES.map(start);
    // At work, for who only waits for its servers is healthy, too.
    team[2].counts(12);
    let healthy = || {
        LINES.iter().try_for_each(|(_, name)| {
            let answer = home.ask(&format!("health --heartbeat {name}"));
            if answer.code == Some(0) { Ok(()) } else { Err(format!("{name}: {}", answer.stdout)) }
        })
    };
    eventually("all are healthy", healthy);
    kafka.kill();
    let away = Instant::now();
    while away.elapsed() < SILENCE_MAX * 3 / 2 {
        healthy().unwrap();
    }
}

#[test]
fn who_only_produces_says_that_the_broker_is_away_and_that_it_is_back() {
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let home = Home::on(kafka.address(), redis.url(), "away");
    write(&home, 2, 10);
    let producing = home.start("produce shop --follow --heartbeat beat");
    let says = |words: &str| {
        eventually(&format!("it says {words:?}"), || match producing.said() {
            said if said.contains(words) => Ok(()),
            said => Err(said),
        });
    };
    eventually("it works", || {
        let told = home.ask("status --json").stdout;
        let status: Value = serde_json::from_str(&told).unwrap_or_default();
        if status["lag"]["records"] == 12 { Ok(()) } else { Err(told) }
    });
    kafka.kill();
    says("Kafka does not answer");
    kafka.restart();
    says("Kafka answers again");
    assert_eq!(producing.end("TERM"), Some(0));
}

#[test]
fn who_proves_a_part_of_the_rows_is_told_that_others_wait() {
    let home = Home::on_servers("waits");
    write(&home, 5, 20);
    home.ok("produce shop");
    let answer = home.ask("verify").expect(0);
    assert!(
        answer.stdout.starts_with("equal: gold is the batch over its 0 rows"),
        "{}",
        answer.stdout
    );
    answer.says(&["25 records wait to be counted"]);
    home.ok("run shop --once");
    let answer = home.ask("verify").expect(0);
    assert!(
        answer.stdout.contains("25 rows") && !answer.stderr.contains("wait"),
        "{}",
        answer.stderr
    );
}

#[test]
fn doctor_tells_a_redis_that_is_another_one() {
    let (home, redis) = (Home::on_servers("another"), servers::redis());
    write(&home, 5, 20);
    let told = home.ask("doctor").stdout;
    assert!(!told.contains("was emptied"), "nothing is there yet: {told}");
    home.ok("run shop --once");
    assert!(!home.ok("doctor").contains("was emptied"));
    let told = home.ask(&format!("doctor --redis {redis}/1")).expect(3).stdout;
    assert!(told.contains("was emptied, or is another one"), "{told}");
}
