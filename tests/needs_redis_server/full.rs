//! A Redis that takes nothing more: every server says so, though it goes on to show what is there.

use crate::harness::home::Home;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::{self, append, lines, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

#[test]
fn a_redis_that_is_full_is_told_by_who_serves_and_gone_on_with_when_it_has_room() {
    let server = RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()]);
    let url = format!("redis://127.0.0.1:{}", server.port());
    let home = Home::on(servers::kafka(), url, "full");
    write(&home, 5, 20);
    home.ok("run shop --once");
    let mut serving = home.start("serve").ready();
    let consuming = home.start("consume all");
    server.ok(&["CONFIG", "SET", "maxmemory", "1"]);
    append(&home.path("shop/achats.csv"), lines(shop::purchase, 20..30));
    eventually("it is told", || {
        let troubles = serving.status()["troubles"].clone();
        let why = troubles["store"].as_str().unwrap_or_default();
        if why.contains("OOM") { Ok(()) } else { Err(troubles.to_string()) }
    });
    assert!(serving.get("/readyz").contains("store"));
    // Who comes while it is full waits, too.
    let late = home.start("consume gold");
    server.ok(&["CONFIG", "SET", "maxmemory", "0"]);
    home.ok("produce shop");
    serving.counts(35);
    eventually("all is well again", || {
        let troubles = serving.status()["troubles"].clone();
        if troubles == serde_json::json!({}) { Ok(()) } else { Err(troubles.to_string()) }
    });
    home.verify_equal();
    assert_eq!((consuming.end("TERM"), late.end("TERM")), (Some(0), Some(0)));
}
