//! Lines that are slow and cut, processes that stand still for longer than their session: gold comes out
//! equal.

use super::scene::{LINES, Scene};
use super::team::Team;
use crate::harness::broker;
use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::proxy::{Cut, Proxy};
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

/// Cuts of each kind.
const CUTS: usize = 4;
/// Pieces are held up for at most so long.
const DELAY_MS_MAX: u64 = 60;

/// Cuts lines in each way, again and again, while they are slow and while they are not.
fn cut_lines(proxy: &Proxy, scene: &Scene, name: &'static str) {
    let mut draw = Draw::announced(name);
    let mut team = Team::start(&scene.home, &LINES);
    let mut toll = Toll::of(name);
    scene.goes_on(&mut team, 100);
    for round in 0..chaos::times(CUTS) {
        proxy.delay(if round % 2 == 0 { 0 } else { 1 + draw.below(DELAY_MS_MAX) });
        for cut in Cut::ALL {
            proxy.cut(cut);
            toll.recovers(|| scene.goes_on(&mut team, 1));
        }
    }
    proxy.delay(0);
    scene.ends_equal(team);
}

#[test]
fn lines_to_redis_may_be_slow_and_cut_before_in_and_after_a_reply() {
    let (redis, proxy) = (OwnRedis::start(), Proxy::start());
    proxy.lead_to(redis.url().trim_start_matches("redis://"));
    let url = format!("redis://127.0.0.1:{}", proxy.port());
    let scene = Scene::new(Home::on(servers::kafka(), url, "redislines"));
    cut_lines(&proxy, &scene, "lines to Redis cut");
}

#[test]
fn lines_to_the_broker_may_be_slow_and_cut_before_in_and_after_a_reply() {
    let proxy = Proxy::start();
    let kafka = OwnKafka::start_behind(&proxy);
    let address = format!("127.0.0.1:{}", proxy.port());
    let scene = Scene::new(Home::on(address, servers::redis(), "kafkalines"));
    cut_lines(&proxy, &scene, "lines to the broker cut");
    drop(kafka);
}

#[test]
fn consumers_that_stand_still_for_longer_than_their_session_do_no_harm_when_they_go_on() {
    let scene = Scene::new(Home::on_servers("still"));
    let mut team = Team::start(&scene.home, &LINES);
    let mut toll = Toll::of("consumers stopped for longer than their session, and continued");
    let prefix = scene.home.variable("GOLDSTREAM_PREFIX").to_owned();
    for _ in 0..chaos::times(1) {
        scene.goes_on(&mut team, 500);
        for stage in ["silver", "gold"] {
            shared_by(&prefix, stage, 2);
        }
        // One of each stage, in the midst of whatever it does.
        team.signal(0, "STOP");
        team.signal(2, "STOP");
        for stage in ["silver", "gold"] {
            shared_by(&prefix, stage, 1);
        }
        scene.goes_on(&mut team, 500);
        team.signal(0, "CONT");
        team.signal(2, "CONT");
        toll.recovers(|| scene.goes_on(&mut team, 1));
    }
    scene.ends_equal(team);
}

/// Waits until so many members hold the partitions of a stage between them.
fn shared_by(prefix: &str, stage: &str, members: usize) {
    let group = format!("{prefix}-{stage}-4");
    eventually(&format!("{members} share the work of {stage}"), || {
        let all = broker::members(&group);
        // Fields of a line: group, consumer, instance, host, client, partitions held, …
        let holds = |line: &&String| !line.contains(" 0 ");
        let holding = all.iter().filter(holds).count();
        if holding == members { Ok(()) } else { Err(format!("{all:?}")) }
    });
}
