//! A broker that is away is no reason to end a process: it waits, and lives.

use crate::harness::home::Home;
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::limits::SILENCE_MAX;
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
    let _team = LINES.map(start);
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
