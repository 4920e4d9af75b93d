//! A row that somebody changed in Redis: `verify` names it before the totals that follow from it.

use crate::harness::home::Home;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::write;
use goldstream_platform::conformance::servers;
use serde_json::{Value, json};

/// Adds a cent to a country where it stands first.
fn spoil(server: &RedisServer, home: &Home, country: &str) {
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    let keys = (0..4).map(|shard| format!("{prefix}:0:{{gold/{shard}}}:countries"));
    let stored = |key: String| {
        let row = server.type_in(&["HGET", &key, country]);
        (!row.is_empty()).then_some((key, row))
    };
    let (key, row) = keys.into_iter().find_map(stored).expect("a shard has the country");
    // The slot must stay the first member.
    let (before, after) = row.split_once("\"revenue_cents\":").unwrap();
    let (cents, rest) = after.split_at(after.find(|c: char| !c.is_ascii_digit()).unwrap());
    let cents = cents.parse::<i64>().unwrap() + 1;
    let row = format!("{before}\"revenue_cents\":{cents}{rest}");
    assert_eq!(server.type_in(&["HSET", &key, country, &row]), "0");
}

#[test]
fn the_changed_row_is_the_first_that_verify_names() {
    let server = RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()]);
    let url = format!("redis://127.0.0.1:{}", server.port());
    let home = Home::on(servers::kafka(), url, "spoiled");
    write(&home, 10, 30);
    home.ok("run shop --once");
    home.verify_equal();
    let revenue = home.gold().summary.revenue_cents;
    spoil(&server, &home, "France");
    let told = home.ask("verify").expect(3).stdout;
    let lines: Vec<_> = told.lines().skip(1).collect();
    let country = format!("countries France revenue_cents: gold {}, batch {revenue}", revenue + 1);
    assert!(lines[0].starts_with(&country), "{told}");
    assert!(lines[1].starts_with("summary revenue_cents: gold "), "{told}");
    assert_eq!(lines.len(), 2, "{told}");
    let verdict = home.ask("verify --json").expect(3).stdout;
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    let first = &verdict["differing"][0];
    assert_eq!((&first["table"], &first["key"]), (&json!("countries"), &json!("France")));
    assert_eq!((&first["gold"], &first["batch"]), (&json!(revenue + 1), &json!(revenue)));
    assert_eq!(verdict["differences"], 2);
}
