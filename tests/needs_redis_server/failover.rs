//! Failover behind one address: the open connections stay with the server that is a replica now. Who is told
//! READONLY on one must connect anew.

use crate::harness::home::Home;
use crate::harness::proxy::Proxy;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

fn address(server: &RedisServer) -> String {
    format!("127.0.0.1:{}", server.port())
}

#[test]
fn a_master_that_was_demoted_is_left_for_the_new_one_without_a_restart() {
    let start = || RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()]);
    let (old, new) = (start(), start());
    new.ok(&["REPLICAOF", "127.0.0.1", &old.port().to_string()]);
    eventually("the replica follows", || {
        let info = new.type_in(&["INFO", "replication"]);
        if info.contains("master_link_status:up") { Ok(()) } else { Err(info) }
    });
    let proxy = Proxy::start();
    proxy.lead_to(&address(&old));
    let home =
        Home::on(servers::kafka(), format!("redis://127.0.0.1:{}", proxy.port()), "failover");
    write(&home, 10, 30);
    let mut running = home.start("run shop").ready();
    running.counts(40);
    // As Sentinel does it: the replica gets what there is, then the roles and the address are swapped.
    eventually("the replica has all", || {
        let same = old.type_in(&["DBSIZE"]) == new.type_in(&["DBSIZE"]);
        let offset = |server: &RedisServer, name: &str| {
            let info = server.type_in(&["INFO", "replication"]);
            info.lines().find_map(|line| line.trim().strip_prefix(name).map(str::to_owned))
        };
        let (at, to) = (offset(&new, "slave_repl_offset:"), offset(&old, "master_repl_offset:"));
        if same && at == to { Ok(()) } else { Err(format!("{at:?} of {to:?}")) }
    });
    new.ok(&["REPLICAOF", "NO", "ONE"]);
    old.ok(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]);
    proxy.lead_to(&address(&new));
    append(&home.path("shop/achats.csv"), lines(purchase, 30..40));
    running.counts(50);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}
