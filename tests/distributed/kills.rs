//! SIGKILL over all roles, while consumers come and go: gold stays what an undisturbed run gives.

use super::scene::Scene;
use super::team::Team;
use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use std::time::Duration;

/// Kills of the test.
const KILLS: usize = 24;

#[test]
fn any_role_may_be_killed_while_consumers_come_and_go() {
    let mut draw = Draw::announced("kills of roles");
    let (home, kills) = (Home::on_servers("kills"), chaos::times(KILLS));
    let scene = Scene::of(home, 3000, chaos::times(60_000), 6);
    let all_rows = scene.all_rows;

    let lines = [
        "consume silver",
        "consume silver",
        "consume gold",
        "consume gold",
        "serve",
        "produce shop --follow --rate 6000",
    ];
    let mut team = Team::start(&scene.home, &lines);
    let (mut hits, mut toll) = (Vec::new(), Toll::of("roles killed, consumers added and removed"));
    for kill in 0..kills {
        // Every role in its turn, at moments that are drawn; but now and then nothing is waited for.
        std::thread::sleep(Duration::from_millis(draw.below(600)));
        let place = kill % lines.len();
        hits.push(team.server().accounting().rows());
        team.kill_and_restart(place);
        toll.struck();
        if kill % 4 == 1 {
            team.join(if kill % 8 == 1 { "consume silver" } else { "consume gold" });
        } else if kill % 4 == 3 {
            team.last_leaves();
        }
        if kill % lines.len() == lines.len() - 1 {
            toll.recovers(|| scene.goes_on(&mut team, 1));
        }
    }
    let early = hits.iter().filter(|counted| **counted < all_rows).count();
    println!("{early} of {kills} kills hit before all {all_rows} rows were counted: {hits:?}");
    assert!(early >= kills / 2);
    assert_eq!((team.len(), team.line(4)), (lines.len(), "serve"));
    while team.server().accounting().rows() < all_rows {
        scene.goes_on(&mut team, 10_000);
    }
    assert_eq!(team.server().counts(all_rows), scene.accounting());
    scene.ends_equal(team);
}
