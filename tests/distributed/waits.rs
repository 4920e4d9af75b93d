//! Roles that are started while their servers are away, as containers start in any order.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::servers::{OwnKafka, OwnRedis};
use crate::harness::shop::{rows, write};

const ROLES: [&str; 5] = [
    "consume all",
    "produce shop --follow",
    "lake --lake lake",
    "run shop --prefix beside",
    "serve",
];

/// What each says of a server that does not answer.
const WAITS: &str = "waiting for it (--fail-fast ends instead): ";

#[test]
fn roles_wait_for_servers_that_are_away_at_their_start() {
    let (mut kafka, mut redis) = (OwnKafka::start(), OwnRedis::start());
    let home = Home::on(kafka.address(), redis.url(), "early");
    write(&home, 20, 200);
    kafka.kill();
    redis.kill();
    let mut running = ROLES.map(|line| home.start(line));
    let mut beating = home.start("serve --heartbeat heartbeat");
    for role in running.iter_mut().chain([&mut beating]) {
        role.says(&format!("{WAITS}Kafka at {}", kafka.address()));
    }
    // Who watches over one is answered; whose page is not there yet, nobody.
    let mut watched = home.start("consume gold --metrics 127.0.0.1:0");
    let address = super::watched::address(&mut watched);
    let asked = |path: &str| http::get(&format!("http://{address}/{path}")).unwrap().0;
    assert_eq!(["healthz", "readyz", "metrics"].map(asked), [200, 503, 503]);
    assert_eq!(watched.end("TERM"), Some(0));
    let lives = home.ask("health --heartbeat heartbeat").expect(0).stdout;
    assert!(lives.contains("it lives"), "{lives}");
    assert_eq!(beating.end("TERM"), Some(0), "who waits ends when it is told to");
    for line in ["consume gold --fail-fast", "produce shop", "run shop --once", "status"] {
        home.ask(line).expect(1).says(&["Kafka at", "--kafka"]);
    }
    kafka.restart();
    for role in &mut running {
        role.says(&format!("{WAITS}store is away: redis at"));
    }
    redis.restart();
    let all = rows(&home.path("shop/clients.csv")) + rows(&home.path("shop/achats.csv"));
    let [.., beside, serving] = &mut running;
    beside.counts(all);
    serving.counts(all);
    for role in running {
        assert_eq!(role.end("TERM"), Some(0));
    }
    home.verify_equal();
}

#[test]
fn more_copies_than_there_are_brokers_are_waited_for_and_named() {
    let home = Home::on_servers("few-brokers").with("GOLDSTREAM_REPLICATION", "3");
    let few = "has fewer brokers now than copies of each topic are wanted (--replication 3)";
    home.ask("consume all --fail-fast").expect(1).says(&[few, "start more"]);
    let two = Home::on_servers("few-copies").with("GOLDSTREAM_MIN_INSYNC", "2");
    two.ask("consume all --fail-fast").expect(1).says(&["are wanted (--min-insync 2)"]);
    let told = two.ask("doctor").expect(3).stdout;
    assert!(told.contains("--min-insync 2") && told.contains("no topics"), "{told}");
    let mut waiting = home.start("consume all");
    waiting.says(WAITS);
    waiting.says(few);
    assert_eq!(waiting.end("TERM"), Some(0), "who waits ends when it is told to");
}
