//! Three brokers with every record each, of which one after another goes: killed, or told to end as in an upgrade.
//! Nothing is lost or doubled, and no process ends.

use super::scene::Scene;
use super::team::Team;
use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::servers::OwnRedis;
use crate::harness::servers::kafka_cluster::KafkaCluster;

/// Brokers that go in a test. `make chaos` has more of them go.
const GOING: usize = 2;

/// What keeps the stages at work while one is away and comes back.
const ROWS_A_BROKER: usize = 100_000;

/// Two of each stage, a server and a producer, who has rows for as long as brokers go.
const LINES: [&str; 6] = [
    "consume silver",
    "consume silver",
    "consume gold",
    "consume gold",
    "serve",
    "produce shop --follow --rate 2000",
];

#[test]
fn one_broker_of_three_after_another_goes_and_nothing_is_lost_or_doubled() {
    let mut draw = Draw::announced("brokers that go");
    let (mut kafka, redis) = (KafkaCluster::start(), OwnRedis::start());
    let home = Home::on(kafka.addresses(), redis.url(), "brokers")
        .with("GOLDSTREAM_REPLICATION", "3")
        .with("GOLDSTREAM_MIN_INSYNC", "2");
    let going = chaos::times(GOING);
    let scene = Scene::of(home, 2000, ROWS_A_BROKER * going, 7);
    let mut team = Team::start(&scene.home, &LINES);
    scene.goes_on(&mut team, 1000);
    let mut killed = Toll::of("one broker of three killed");
    let mut ended = Toll::of("one broker of three ended as in an upgrade");
    for number in 0..going {
        scene.goes_on(&mut team, 1 + draw.below(4000));
        let (broker, is_killed) = (number % 3, number % 2 == 0);
        // More than can be on its way: some of it goes by brokers that stayed.
        let goes_on = || scene.goes_on(&mut team, 5000);
        if is_killed {
            kafka.kill(broker);
            killed.recovers(goes_on);
        } else {
            kafka.stop(broker);
            ended.recovers(goes_on);
        }
        let counted = team.server().accounting().rows();
        assert!(counted < scene.all_rows, "all rows were counted before: nothing was tried");
        kafka.comes_back(broker);
    }
    scene.ends_equal(team);
}
