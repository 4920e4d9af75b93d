//! Failover by Sentinel: the replica that takes over lacks the last commits, and nobody is told but by asking.

use super::access::rights_of;
use crate::distributed::scene::{LINES, Scene};
use crate::distributed::team::Team;
use crate::harness::chaos::{self, Toll};
use crate::harness::home::Home;
use crate::harness::redis_sentinel::RedisSentinel;
use goldstream_notify::testing::certificates::Certificates;
use goldstream_platform::conformance::servers;

/// Failovers of a test. `make chaos` makes more of them, there and back.
const FAILOVERS: usize = 1;

/// What keeps the stages at work over one, until the master of before follows.
const ROWS_A_FAILOVER: usize = 80_000;

const PASSWORD: &str = "of the sentinels";

/// One whose commands come by the sentinels, over TLS, as a user with the least rights.
fn home(redis: &RedisSentinel, certificates: &Certificates) -> Home {
    let home = Home::on(servers::kafka(), redis.url("goldstream"), "sentinel");
    home.write("sentinel", PASSWORD.replace(' ', "-"));
    home.write("password", "tr0ub4dor\n");
    let line = rights_of("goldstream", home.variable("GOLDSTREAM_PREFIX"));
    redis.ok(&line.split(' ').collect::<Vec<_>>());
    home.with("GOLDSTREAM_REDIS_PASSWORD_FILE", "password")
        .with("GOLDSTREAM_REDIS_SENTINEL_PASSWORD_FILE", "sentinel")
        .with("GOLDSTREAM_REDIS_CA_FILE", certificates.text("ca.pem"))
        .with("GOLDSTREAM_REDIS_CERT_FILE", certificates.text("client.pem"))
        .with("GOLDSTREAM_REDIS_KEY_FILE", certificates.text("client.key"))
}

/// How far the shards of gold are on one of the servers.
fn positions(redis: &RedisSentinel, number: usize, home: &Home) -> u64 {
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    let of = |shard: u32| {
        let head = format!("{prefix}:0:{{gold/{shard}}}:head");
        redis.type_in(number, &["HGET", &head, "position"]).parse().unwrap_or(0)
    };
    (0..4).map(of).sum()
}

#[test]
fn a_replica_that_lacks_the_last_commits_takes_over_and_nothing_is_lost_or_doubled() {
    let certificates = Certificates::new();
    let mut redis = RedisSentinel::start(&certificates, &PASSWORD.replace(' ', "-"));
    let failovers = chaos::times(FAILOVERS);
    let home = home(&redis, &certificates);
    let scene = Scene::of(home, 2000, ROWS_A_FAILOVER * failovers, 7);
    let home = &scene.home;
    let mut team = Team::start(home, &LINES);
    let mut toll = Toll::of("failovers of Redis to a replica that lacks the last commits");
    for number in 0..failovers {
        let (master, replica) = (number % 2, (number + 1) % 2);
        scene.goes_on(&mut team, 4000);
        redis.cut_off(replica);
        scene.goes_on(&mut team, 3000);
        let had = positions(&redis, master, home);
        toll.recovers(|| {
            redis.fail_over(master);
            let has = positions(&redis, replica, home);
            assert!(has < had, "the new master has all {had} records: nothing was tried");
            scene.goes_on(&mut team, 1 + had - has);
        });
        redis.comes_back(master);
    }
    redis.kill_a_sentinel();
    scene.goes_on(&mut team, 4000);
    scene.ends_equal(team);
    let told = home.ok("doctor");
    assert!(told.contains("shop (by the sentinels 127.0.0.1:"), "{told}");
}

#[test]
fn who_cannot_be_asked_for_the_master_is_named() {
    let certificates = Certificates::new();
    let redis = RedisSentinel::start(&certificates, &PASSWORD.replace(' ', "-"));
    let home = || home(&redis, &certificates).with("GOLDSTREAM_FAIL_FAST", "true");
    let other = redis.url("goldstream").replace("#shop", "#other");
    let other = home().with("GOLDSTREAM_REDIS", other);
    other.ask("consume all").expect(1).says(&["knows no master \"other\""]);
    let nameless = home().with("GOLDSTREAM_REDIS", "rediss-sentinel://127.0.0.1:1");
    nameless.ask("consume all").expect(1).says(&["#MASTER"]);
    // What is refused is not waited for.
    let wrong = home().with("GOLDSTREAM_FAIL_FAST", "false");
    wrong.write("sentinel", "hushhush");
    let said = wrong
        .ask("consume all")
        .expect(1)
        .says(&["the sentinel at 127.0.0.1:", "--redis-sentinel-password-file"])
        .stderr;
    assert!(!said.contains("hushhush"), "{said}");
}
