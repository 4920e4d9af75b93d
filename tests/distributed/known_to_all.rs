//! What is wrong with any process of a pipeline is told by every server of it: in status, readiness and metrics.

use super::team::Team;
use crate::harness::broker::produce;
use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use serde_json::Value;

/// Waits until status tells a trouble that contains both.
fn tells(server: &mut Running, name: &str, reason: &str) -> Value {
    eventually(&format!("status tells {name}: {reason}"), || {
        let status = server.status();
        let troubles = status["troubles"].as_object().unwrap();
        let is_told = troubles
            .iter()
            .any(|(known, why)| known.contains(name) && why.as_str().unwrap().contains(reason));
        if is_told { Ok(status) } else { Err(format!("{troubles:?}")) }
    })
}

fn readyz(server: &mut Running) -> (u16, String) {
    http::get(&format!("http://{}/readyz", server.address())).unwrap()
}

/// The value of a metric, none where it has none.
fn metric(server: &mut Running, name: &str) -> Option<String> {
    let text = server.get("/metrics");
    let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    value.map(str::to_owned)
}

#[test]
fn a_shard_that_another_process_halted_is_told_by_who_serves() {
    let home = Home::on_servers("halted");
    write(&home, 20, 200);
    home.ok("produce shop");
    let mut team =
        Team::start(&home, &["consume silver", "consume gold --heartbeat beat", "serve"]);
    team.server().counts(220);
    team.server().wait_until_ready();
    let garbage: Vec<_> = (0..200).map(|n| (format!("k{n}"), "no event".to_owned())).collect();
    produce(&format!("{}.silver", home.variable("GOLDSTREAM_PREFIX")), &garbage);
    let status = tells(team.server(), "(gold): gold of silver/0", "halted: ");
    let roles: Vec<_> =
        status["processes"].as_array().unwrap().iter().map(|it| it["roles"].to_string()).collect();
    for role in [r#"["silver"]"#, r#"["gold"]"#, r#"["serve"]"#] {
        assert!(roles.iter().any(|known| known == role), "{role} in {roles:?}");
    }
    let (code, said) = readyz(team.server());
    assert!(code == 503 && said.contains("gold of silver/0"), "{code} {said}");
    let troubles = metric(team.server(), "goldstream_troubles").unwrap();
    assert!(troubles.parse::<u32>().unwrap() >= 4, "{troubles}");
    assert_eq!(metric(team.server(), "goldstream_processes{role=\"gold\"}").as_deref(), Some("1"));
    // When bronze took in what nobody can read is not known, and not nothing.
    assert!(status["lag"]["records"].as_u64().unwrap() > 0, "{status}");
    let health = home.ask("health --heartbeat beat").expect(3).stdout;
    assert!(health.contains("halted") && health.contains("gold of silver/"), "{health}");
}

#[test]
fn while_the_broker_is_away_a_server_says_so_and_does_not_call_the_lag_nothing() {
    let (mut kafka, redis) = (OwnKafka::start(), OwnRedis::start());
    let home = Home::on(kafka.address(), redis.url(), "unknown");
    write(&home, 2, 10);
    home.ok("produce shop");
    let mut team = Team::start(&home, &["consume all", "serve"]);
    team.server().counts(12);
    team.server().wait_until_ready();
    kafka.kill();
    let status = tells(team.server(), "kafka", "");
    tells(team.server(), "(silver, gold): kafka", "");
    let status = eventually("the lag is unknown", || match &status["lag"]["records"] {
        Value::Null => Ok(status.clone()),
        _ => match team.server().status() {
            status if status["lag"]["records"].is_null() => Ok(status),
            status => Err(status["lag"].to_string()),
        },
    });
    assert!(status["positions"].as_array().unwrap().iter().any(|of| of["end"].is_null()));
    assert_eq!(metric(team.server(), "goldstream_lag_records"), None);
    assert_eq!(metric(team.server(), "goldstream_lag_seconds"), None);
    // The numbers stand, and go on by themselves.
    let (code, said) = readyz(team.server());
    assert!(code == 200 && said.contains(r#""kafka""#), "{code} {said}");
    let told = home.ask("status");
    assert!(!told.stdout.contains("0 records"), "{}", told.stdout);
    kafka.restart();
    eventually("all is well again", || {
        let status = team.server().status();
        let is_well = status["lag"]["records"] == 0
            && status["troubles"].as_object().is_some_and(serde_json::Map::is_empty);
        if is_well { Ok(()) } else { Err(format!("{} {}", status["lag"], status["troubles"])) }
    });
    team.end();
}

#[test]
fn a_stage_that_nobody_runs_is_told_once_it_has_stood_for_long() {
    let home = Home::on_servers("nobody");
    write(&home, 2, 10);
    let mut team = Team::start(&home, &["consume silver", "serve"]);
    team.server().wait_until_ready();
    home.ok("produce shop");
    tells(team.server(), "progress of gold", "no process says that it does this work");
    let (code, said) = readyz(team.server());
    assert!(code == 200 && said.contains("progress of gold"), "{code} {said}");
    team.join("consume gold");
    eventually("it goes on", || {
        let troubles = team.server().status()["troubles"].clone();
        if troubles == serde_json::json!({}) { Ok(()) } else { Err(troubles.to_string()) }
    });
    team.server().counts(12);
    team.end();
}

#[test]
fn a_process_that_ended_is_not_listed_any_more() {
    let home = Home::on_servers("gone");
    write(&home, 2, 10);
    home.ok("run shop --once");
    let mut team = Team::start(&home, &["serve", "consume gold"]);
    let processes =
        |team: &mut Team<'_>| team.server().status()["processes"].as_array().unwrap().len();
    eventually("both are listed", || match processes(&mut team) {
        2 => Ok(()),
        other => Err(other.to_string()),
    });
    team.last_leaves();
    eventually("one is left", || match processes(&mut team) {
        1 => Ok(()),
        other => Err(other.to_string()),
    });
    team.end();
}
