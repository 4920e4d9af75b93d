//! The real shop through SASL_SSL and TLS, by users with the least rights, while processes and the broker are killed.

use super::{Company, USER};
use crate::distributed::team::Team;
use crate::harness::port::free_port;
use crate::harness::servers::redis_server::{RedisServer, type_in_at};
use crate::harness::shop::{expected_gold, online_retail};
use crate::harness::wait::eventually;
use crate::needs_redis_server::{access, tls};
use goldstream_domain::gold::report::Gold;
use serde_json::Value;

const LINES: [&str; 5] =
    ["consume silver", "consume silver", "consume gold", "consume gold", "serve"];

#[test]
fn online_retail_is_counted_to_the_cent_while_its_processes_and_the_broker_are_killed() {
    let mut company = Company::new();
    // Its administrator comes over a port without TLS.
    let plain = free_port();
    let redis = RedisServer::start(|port, _| {
        let administrator = ["--port".to_owned(), plain.to_string()].to_vec();
        [administrator, tls::settings(&company.certificates, port, "yes")].concat()
    });
    let home = company
        .home("SCRAM-SHA-512", format!("rediss://{USER}@127.0.0.1:{}", redis.port()))
        .with("GOLDSTREAM_REDIS_CA_FILE", company.certificates.text("ca.pem"))
        .with("GOLDSTREAM_REDIS_CERT_FILE", company.certificates.text("client.pem"))
        .with("GOLDSTREAM_REDIS_KEY_FILE", company.certificates.text("client.key"))
        .with("GOLDSTREAM_REDIS_PASSWORD_FILE", "password");
    let line = access::rights_of(USER, home.variable("GOLDSTREAM_PREFIX"));
    assert_eq!(type_in_at(plain, &line.split(' ').collect::<Vec<_>>()), "OK");
    let expected: Gold = serde_json::from_str(&expected_gold()).unwrap();
    let all_rows = expected.accounting.rows();

    let mut team = Team::start(&home, &LINES);
    team.join(&format!("produce {} --follow", online_retail().display()));
    for (step, place) in [0, 2, 5, 3, 1, 4].into_iter().enumerate() {
        let wanted = all_rows * (step as u64 + 1) / 8;
        eventually("counting goes on", || {
            let counted = team.server().accounting().rows();
            if counted >= wanted { Ok(()) } else { Err(format!("{counted} of {wanted}")) }
        });
        team.kill_and_restart(place);
        if step == 2 {
            company.kafka.kill();
            company.kafka.restart();
        }
    }
    team.server().counts(all_rows);
    home.verify_equal();
    let gold: Value = serde_json::from_str(&home.gold_text()).unwrap();
    let expected: Value = serde_json::from_str(&expected_gold()).unwrap();
    assert!(gold == expected, "another gold than an independent batch computed");
    team.end();
}
