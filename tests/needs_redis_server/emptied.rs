//! A store that is emptied while it is served: its numbers are none before all rows are counted again.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

fn readyz(server: &mut Running) -> (u16, String) {
    let url = format!("http://{}/readyz", server.address());
    http::get(&url).unwrap()
}

#[test]
fn one_that_serves_what_nobody_has_counted_yet_is_ready_whatever_the_lag() {
    let home = Home::on_servers("uncounted");
    write(&home, 10, 30);
    home.ok("produce shop");
    let mut server = home.start("serve").ready();
    assert_eq!(server.accounting().rows(), 0);
}

#[test]
fn one_that_serves_an_emptied_store_is_ready_again_once_all_is_counted_again() {
    let redis = RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()]);
    let url = format!("redis://127.0.0.1:{}", redis.port());
    let home = Home::on(servers::kafka(), url, "emptied");
    write(&home, 10, 30);
    home.ok("run shop --once");
    let mut server = home.start("serve").ready();
    server.counts(40);
    redis.ok(&["FLUSHALL"]);
    eventually("it is not ready while nothing is counted", || match readyz(&mut server) {
        (503, why) if why.contains("0 of 40 rows are counted again") => Ok(()),
        other => Err(format!("{other:?}")),
    });
    // One that begins over what is empty says the same.
    let mut newcomer = home.start("serve");
    eventually("a newcomer is not ready either", || match readyz(&mut newcomer) {
        (503, why) if why.contains("0 of 40 rows are counted again") => Ok(()),
        other => Err(format!("{other:?}")),
    });
    let consumers = home.start("consume all");
    for server in [&mut server, &mut newcomer] {
        server.wait_until_ready();
        assert_eq!(server.accounting().rows(), 40, "ready means whole");
    }
    drop(consumers);
    home.verify_equal();
}
