//! Two stores under one prefix: each would count a part of the rows. Who comes second is refused, and where
//! both are at work it is told.

use super::team::Team;
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

/// A home on the same topics, over another database of the same Redis.
fn on_another_database(home: &Home) -> Home {
    Home::new()
        .with("GOLDSTREAM_KAFKA", servers::kafka())
        .with("GOLDSTREAM_REDIS", format!("{}/1", servers::redis()))
        .with("GOLDSTREAM_PREFIX", home.variable("GOLDSTREAM_PREFIX"))
}

/// Whether status tells of consumers that the store does not know.
fn hears_of_strangers(server: &mut Running) -> bool {
    let troubles = server.status()["troubles"].clone();
    troubles.to_string().contains("does not know")
}

#[test]
fn the_same_prefix_on_another_redis_database_is_refused_while_consumers_are_at_work() {
    let home = Home::on_servers("strangers");
    let other = on_another_database(&home);
    write(&home, 20, 200);
    home.ok("produce shop");
    let mut team = Team::start(&home, &["consume", "serve"]);
    team.server().counts(220);
    write(&other, 0, 0);
    for line in ["consume gold", "run shop --once"] {
        other.ask(line).expect(1).says(&[
            "does not know read the same topics",
            "--prefix",
            "--redis",
        ]);
    }
    // Those that belong to it come and go as ever, and nothing was taken from it.
    team.join("consume gold");
    write(&home, 20, 300);
    home.ok("produce shop");
    assert_eq!(team.server().counts(320).rows(), 320);
    assert!(!hears_of_strangers(team.server()));
    team.end();
    // Nobody is at work any more: it is a new store for the same rows, which counts all of them.
    other.ok("run shop --once");
    assert_eq!(other.gold_text(), home.gold_text());
}

#[test]
fn where_consumers_of_two_stores_are_at_work_at_once_every_server_tells() {
    let home = Home::on_servers("two-stores");
    let other = on_another_database(&home);
    write(&home, 20, 200);
    home.ok("produce shop");
    write(&other, 0, 0);
    let mut first = other.start("run shop").ready();
    first.counts(220);
    // It falls silent until its groups have forgotten it, and comes back.
    first.signal("STOP");
    let mut team = Team::start(&home, &["consume", "serve"]);
    team.server().counts(220);
    first.signal("CONT");
    eventually("both are told", || {
        let told = (hears_of_strangers(&mut first), hears_of_strangers(team.server()));
        if told == (true, true) { Ok(()) } else { Err(format!("{told:?}")) }
    });
    assert_eq!(first.end("TERM"), Some(0));
    eventually("it is over", || match hears_of_strangers(team.server()) {
        false => Ok(()),
        true => Err("it is still told".to_owned()),
    });
    team.end();
    home.verify_equal();
}
