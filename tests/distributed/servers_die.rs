//! Redis and Kafka die, lose what they had not written, or everything: gold comes back equal.

use super::scene::{LINES, Scene};
use super::team::Team;
use crate::harness::broker;
use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;
use goldstream_platform::limits::SESSION_MAX;
use std::time::Instant;

#[test]
fn redis_may_die_lose_its_tail_and_be_emptied() {
    let mut draw = Draw::announced("deaths of Redis");
    let (kafka, mut redis) = (OwnKafka::start(), OwnRedis::start());
    let scene = Scene::new(Home::on(kafka.address(), redis.url(), "redis"));
    let mut team = Team::start(&scene.home, &LINES);
    let mut toll = Toll::of("Redis killed and its tail cut, emptied");
    for _ in 0..chaos::times(4) {
        scene.goes_on(&mut team, 1 + draw.below(2000));
        redis.kill();
        redis.cut_aof_tail(draw.below(20_000));
        redis.restart();
        toll.recovers(|| scene.goes_on(&mut team, 1));
    }
    for _ in 0..chaos::times(1) {
        scene.goes_on(&mut team, 1000);
        redis.flush();
        scene.goes_on(&mut team, 1000);
        redis.flush();
        redis.kill();
        redis.restart();
        toll.recovers(|| scene.goes_on(&mut team, 1));
    }
    scene.ends_equal(team);
}

#[test]
fn the_broker_may_die_and_come_again() {
    let mut draw = Draw::announced("deaths of Kafka");
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let scene = Scene::new(Home::on(kafka.address(), redis.url(), "kafka"));
    let mut team = Team::start(&scene.home, &LINES);
    let mut toll = Toll::of("the broker killed");
    for _ in 0..chaos::times(2) {
        scene.goes_on(&mut team, 1 + draw.below(3000));
        kafka.kill();
        kafka.restart();
        toll.recovers(|| scene.goes_on(&mut team, 1));
    }
    scene.ends_equal(team);
}

#[test]
fn every_role_ends_when_it_is_told_though_the_broker_is_away() {
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let scene = Scene::new(Home::on(kafka.address(), redis.url(), "away"));
    let mut team = Team::start(&scene.home, &LINES);
    scene.goes_on(&mut team, 1000);
    kafka.kill();
    // 1 where rows were still on their way: the log replays them.
    let codes = team.codes_after_term();
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 1))), "{codes:?}");
}

#[test]
fn consumers_keep_their_partitions_while_redis_is_away_for_longer_than_a_session() {
    let mut redis = OwnRedis::start();
    let scene = Scene::new(Home::on(servers::kafka(), redis.url(), "outage"));
    let mut team = Team::start(&scene.home, &LINES);
    scene.goes_on(&mut team, 1000);
    let group = format!("{}-gold-4", scene.home.variable("GOLDSTREAM_PREFIX"));
    let held = eventually("both hold two partitions", || {
        let members = broker::members(&group);
        let shared = members.iter().filter(|member| member.contains(" 2 ")).count() == 2;
        if shared { Ok(members) } else { Err(format!("{members:?}")) }
    });
    redis.kill();
    let away = Instant::now();
    while away.elapsed() < SESSION_MAX * 3 / 2 {
        assert_eq!(broker::members(&group), held);
    }
    redis.restart();
    scene.ends_equal(team);
}

#[test]
fn rows_posted_while_the_broker_is_away_are_refused_and_count_once_when_sent_again() {
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let home = Home::on(kafka.address(), redis.url(), "post");
    write(&home, 2, 10);
    home.ok("run shop --once");
    let mut serving = home.start("serve").ready();
    let url = format!("http://{}/api/v1/purchases", serving.address());
    let row = r#"{"id_achat": "P1", "id_client": "1", "date_achat": "2024-03-01 14:03:22",
        "montant": "12,50", "produit": "Souris"}"#;
    kafka.kill();
    let (status, body) = http::post(&url, "application/json", row).unwrap();
    assert_eq!(status, 503, "{body}");
    kafka.restart();
    eventually("the row is taken", || match http::post(&url, "application/json", row) {
        Ok((202, _)) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    home.ok("run shop --once");
    eventually("it is counted once", || match serving.accounting().accepted_purchases {
        11 => Ok(()),
        other => Err(format!("{other} purchases")),
    });
    home.verify_equal();
}

#[test]
fn consumers_outlive_a_broker_that_goes_just_after_they_joined_and_stays_away_for_long() {
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let home = Home::on(kafka.address(), redis.url(), "rejoin");
    write(&home, 2, 10);
    let mut running = home.start("run shop").ready();
    running.counts(12);
    let url = format!("http://{}/api/v1/purchases", running.address());
    let row = r#"{"id_achat": "P1", "id_client": "1", "date_achat": "2024-03-01 14:03:22",
        "montant": "12,50", "produit": "Souris"}"#;
    kafka.kill();
    let away = Instant::now();
    // The broker has forgotten the members when it comes again, and they do not know it.
    while away.elapsed() < SESSION_MAX * 3 / 2 {
        let (status, body) = http::post(&url, "application/json", row).unwrap();
        assert_eq!(status, 503, "{body}");
    }
    kafka.restart();
    eventually("the row is taken", || match http::post(&url, "application/json", row) {
        Ok((202, _)) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    eventually("it is counted", || match running.accounting().accepted_purchases {
        11 => Ok(()),
        other => Err(format!("{other} purchases; it said {}", running.said())),
    });
    home.verify_equal();
    assert_eq!(running.end("TERM"), Some(0));
}
