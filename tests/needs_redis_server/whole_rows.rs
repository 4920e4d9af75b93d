//! Gold as who reads Redis directly sees it: whole rows, by the functions of deploy/redis and as the documents say.

use crate::harness::home::Home;
use crate::harness::pages::{block, commands_of};
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Gold;
use goldstream_platform::conformance::servers;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/redis/goldstream.lua");

fn plain() -> RedisServer {
    let server = RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()]);
    let code = std::fs::read_to_string(LIBRARY).unwrap();
    assert_eq!(server.type_in(&["FUNCTION", "LOAD", "REPLACE", &code]), "goldstream");
    server
}

fn home(server: &RedisServer) -> Home {
    let url = format!("redis://127.0.0.1:{}", server.port());
    let home = Home::on(servers::kafka(), url, "whole").with("GOLDSTREAM_PARTITIONS", "3");
    home.ok("generate --out shop --customer-count 300 --purchase-count 5000 --dirt 20");
    home
}

/// Rows of a table by their key, as the functions give them.
fn rows(server: &RedisServer, home: &Home, table: &str) -> BTreeMap<String, Value> {
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    let told = server.type_in(&["FCALL_RO", "goldstream_rows", "0", prefix, table]);
    let lines: Vec<_> = told.split('\n').collect();
    assert!(lines.len() >= 2 && lines.len().is_multiple_of(2), "{table}: {told}");
    let pairs =
        lines.chunks(2).map(|pair| (pair[0].to_owned(), serde_json::from_str(pair[1]).unwrap()));
    let rows: BTreeMap<_, _> = pairs.collect();
    for (key, row) in rows.iter().take(20) {
        let told = server.type_in(&["FCALL_RO", "goldstream_row", "0", prefix, table, key]);
        assert_eq!(&serde_json::from_str::<Value>(&told).unwrap(), row, "{table} {key}");
    }
    rows
}

/// The rows are those of the whole gold, in every table that both have.
fn agree(server: &RedisServer, home: &Home) {
    let gold: Gold = home.gold();
    let text: Value = serde_json::from_str(&home.gold_text()).unwrap();
    for (table, key) in
        [("countries", "country"), ("products", "product"), ("months", "month"), ("days", "day")]
    {
        let found = rows(server, home, table);
        let expected = text[table].as_array().unwrap();
        assert_eq!(found.len(), expected.len(), "{table}");
        for row in expected {
            let at = row[key].as_str().unwrap_or_default();
            for (name, figure) in found[at].as_object().unwrap() {
                if let Some(expected) = row.get(name) {
                    assert_eq!(figure, expected, "{name} of {table} {at}");
                }
            }
            assert_eq!(found[at]["revenue_cents"], row["revenue_cents"], "{table} {at}");
        }
    }
    let revenue = |table| -> i64 {
        rows(server, home, table).values().map(|row| row["revenue_cents"].as_i64().unwrap()).sum()
    };
    assert_eq!(revenue("hours"), revenue("days"));
    assert_eq!(revenue("customers"), revenue("days"));
    assert_eq!(revenue("days"), gold.days.iter().map(|day| day.revenue_cents).sum::<i64>());
}

#[test]
fn the_functions_give_the_rows_of_the_whole_gold_also_after_a_rebuild() {
    let server = plain();
    let home = home(&server);
    home.ok("run shop --once");
    agree(&server, &home);
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    let position = || server.type_in(&["FCALL_RO", "goldstream_position", "0", prefix]);
    assert!(position().parse::<u64>().unwrap() > 5000, "{}", position());
    // Another generation is served from then on, and the parts of the first one are no more of it.
    let running = home.start("run shop").ready();
    home.ok("rebuild");
    eventually("another generation is served", || {
        let ledger = server.type_in(&["GET", &format!("{prefix}:generations")]);
        let served = serde_json::from_str::<Value>(&ledger).unwrap()["served"]["number"].clone();
        if served == 1 { Ok(()) } else { Err(ledger) }
    });
    assert_eq!(running.end("TERM"), Some(0));
    agree(&server, &home);
    // Amounts of more digits than a library of Redis writes by itself.
    let large = json!({"slot": 0, "country": "Atlantis", "buyers": 1, "orders": 1, "revenue_cents": 900_719_925_474_099_i64});
    for shard in 0..2 {
        let key = format!("{prefix}:1:{{gold/{shard}}}:countries");
        server.type_in(&["HSET", &key, "Atlantis", &large.to_string()]);
    }
    assert_eq!(
        rows(&server, &home, "countries")["Atlantis"]["revenue_cents"],
        1_801_439_850_948_198_i64
    );
    for (arguments, sentence) in
        [(["nobody", "days"], "no goldstream under"), ([prefix, "year"], "no table year")]
    {
        let told =
            server.type_in(&["FCALL_RO", "goldstream_rows", "0", arguments[0], arguments[1]]);
        assert!(told.contains(sentence), "{told}");
    }
}

#[test]
fn the_examples_of_the_page_on_servers_read_a_shop() {
    let server = plain();
    let home = home(&server);
    home.ok("run shop --once");
    let (prefix, port) = (home.variable("GOLDSTREAM_PREFIX"), server.port().to_string());
    for line in commands_of("docs/servers.md", "redis-cli") {
        let line = line.replace("0 goldstream", &format!("0 {prefix}"));
        let line = line.replace("redis-cli", &format!("redis-cli -p {port}"));
        let mut shell = Command::new("sh");
        shell.current_dir(env!("CARGO_MANIFEST_DIR")).args(["-c", &line]);
        let output = shell.stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(!told.trim().is_empty() && !told.contains("ERR"), "{line}: {told}");
    }
    let python = std::env::var_os("GOLDSTREAM_TEST_PYTHON");
    let python =
        python.expect("no Python with redis in GOLDSTREAM_TEST_PYTHON: `make setup` makes one");
    let code = block("docs/servers.md", "python").replace("6379", &port);
    let code = code.replace("\"goldstream\"", &format!("{prefix:?}"));
    let output = Command::new(python).args(["-c", &code]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let expected = home
        .gold()
        .countries
        .iter()
        .find(|row| row.country.as_deref() == Some("France"))
        .unwrap()
        .revenue_cents;
    assert_eq!(told, expected.to_string(), "{}", String::from_utf8_lossy(&output.stderr));
}
