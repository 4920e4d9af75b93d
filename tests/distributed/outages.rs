//! The broker goes away again and again, for a moment or for longer than a session, under three pipelines:
//! every partition of every stage goes on each time, and no process ends.

use super::scene::Scene;
use super::team::Team;
use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::wait::eventually;
use std::collections::BTreeMap;
use std::time::Duration;

/// Two of each stage, so that partitions go back and forth between them.
const LINES: [&str; 5] =
    ["consume silver", "consume gold", "consume all", "serve", "produce shop --follow --rate 1700"];

const NAMES: [&str; 3] = ["outage-1", "outage-2", "outage-3"];

/// How long the broker is away, in turn: for a moment, for a session, for longer than one.
const AWAY_S: [u64; 4] = [2, 10, 30, 60];

/// Outages of a test: it has no time for the longer ones. `make chaos` has.
const OUTAGES: usize = 2;

/// What keeps each stage at work over all of them.
const ROWS_AN_OUTAGE: usize = 15_000;

#[test]
fn every_stage_goes_on_after_each_outage_of_the_broker() {
    let mut draw = Draw::announced("outages of the broker");
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let outages = chaos::times(OUTAGES);
    let scenes = NAMES.map(|name| {
        let home = Home::on(kafka.address(), redis.url(), name);
        Scene::of(home, 2000, ROWS_AN_OUTAGE * outages, 7)
    });
    let mut teams = scenes.each_ref().map(|scene| Team::start(&scene.home, &LINES));
    teams.iter_mut().for_each(|team| scenes[0].goes_on(team, 1));
    let mut toll = Toll::of("outages of the broker under three pipelines");
    for away_s in AWAY_S.into_iter().cycle().take(outages) {
        std::thread::sleep(Duration::from_millis(draw.below(4000)));
        kafka.kill();
        std::thread::sleep(Duration::from_secs(away_s));
        let before = teams.each_mut().map(positions);
        kafka.restart();
        toll.recovers(|| {
            for (team, before) in teams.iter_mut().zip(&before) {
                moves(team, before);
            }
        });
    }
    for (scene, team) in scenes.iter().zip(teams) {
        scene.ends_equal(team);
    }
}

/// Of each partition: how far its stage is, and where it ends.
fn positions(team: &mut Team<'_>) -> BTreeMap<String, (u64, u64)> {
    let status = team.server().status();
    let positions = status["positions"].as_array().expect("status has positions").iter();
    let number = |of: &serde_json::Value, name: &str| of[name].as_u64().unwrap_or_default();
    let place = |of: &serde_json::Value| (number(of, "position"), number(of, "end"));
    positions.map(|of| (of["partition"].as_str().unwrap().to_owned(), place(of))).collect()
}

/// Waits until each is further than it was, or at its end.
fn moves(team: &mut Team<'_>, before: &BTreeMap<String, (u64, u64)>) {
    eventually("every partition goes on", || {
        let mut still = positions(team);
        still.retain(|partition, (position, end)| {
            let was = before.get(partition).map_or(0, |(was, _)| *was);
            *position <= was && position < end
        });
        if still.is_empty() { Ok(()) } else { Err(format!("{still:?}")) }
    });
}
