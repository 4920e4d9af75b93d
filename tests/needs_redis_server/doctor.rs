//! What `doctor` finds out of a Redis by writing to it: settings alone tell neither that it is full nor whose copy
//! it is.

use crate::harness::home::Home;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

fn plain() -> RedisServer {
    RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()])
}

fn home_on(server: &RedisServer) -> Home {
    Home::on(servers::kafka(), format!("redis://127.0.0.1:{}", server.port()), "doctor")
}

#[test]
fn a_redis_that_is_full_is_to_be_mended_and_one_with_room_is_not() {
    let server = plain();
    let home = home_on(&server);
    write(&home, 5, 20);
    home.ok("run shop --once");
    let told = home.ok("doctor");
    assert!(told.contains("ok    redis takes what is written"), "{told}");
    server.ok(&["CONFIG", "SET", "maxmemory", "1"]);
    let told = home.ask("doctor").expect(3).stdout;
    let is_told =
        told.contains("mend  redis takes nothing that is written") && told.contains("OOM");
    assert!(is_told, "{told}");
    server.ok(&["CONFIG", "SET", "maxmemory", "0"]);
    home.ok("doctor");
    // Nothing of it stays.
    eventually("what was written as a try is gone", || {
        match server.type_in(&["KEYS", "*:probe"]) {
            keys if keys.trim().is_empty() => Ok(()),
            keys => Err(keys),
        }
    });
}

#[test]
fn a_copy_that_takes_no_writes_is_to_be_mended() {
    let (first, copy) = (plain(), plain());
    copy.ok(&["REPLICAOF", "127.0.0.1", &first.port().to_string()]);
    eventually("it follows the other", || match copy.type_in(&["INFO", "replication"]) {
        told if told.contains("master_link_status:up") => Ok(()),
        told => Err(told),
    });
    let told = home_on(&copy).ask("doctor").expect(3).stdout;
    let is_told =
        told.contains("mend  redis takes nothing that is written") && told.contains("replica");
    assert!(is_told, "{told}");
}
