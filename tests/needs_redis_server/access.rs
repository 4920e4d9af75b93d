//! Redis users with no more rights than the documents name, their passwords in files, and what is said of
//! those who may not: never a password.

use crate::harness::home::Home;
use crate::harness::process::wait_for_end;
use crate::harness::redis_cluster::RedisCluster;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::{PURCHASES, lines, purchase, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

const PASSWORD: &str = "tr0ub4dor";

fn plain() -> RedisServer {
    RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()])
}

/// The line of docs/servers.md that makes this user, for a prefix.
pub(crate) fn rights_of(user: &str, prefix: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/servers.md");
    let text = std::fs::read_to_string(path).unwrap();
    let begin = format!("ACL SETUSER {user} ");
    let line = text.lines().find(|line| line.starts_with(&begin)).unwrap().to_owned();
    line.replace("PASSWORD", PASSWORD).replace("goldstream:", &format!("{prefix}:"))
}

/// One whose commands are those of a user with a password in a file.
fn home_of(user: &str, address: &str) -> Home {
    let home = Home::on(servers::kafka(), format!("redis://{user}@{address}"), "rights");
    home.write("password", format!("{PASSWORD}\n"));
    write(&home, 20, 200);
    home.with("GOLDSTREAM_REDIS_PASSWORD_FILE", "password").with("GOLDSTREAM_LOG", "trace")
}

fn allow(server: &RedisServer, user: &str, home: &Home) {
    let line = rights_of(user, home.variable("GOLDSTREAM_PREFIX"));
    server.ok(&line.split(' ').collect::<Vec<_>>());
}

/// Every command does its work, and none shows the password.
fn works(home: &Home) {
    for line in ["run shop --once", "export gold", "verify", "status", "doctor", "reset --yes"] {
        let answer = home.ask(line).expect(0);
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!said.contains(PASSWORD), "{line} shows the password");
        assert!(!said.contains("NOPERM") && !said.contains("not permit"), "{line}: {said}");
    }
}

#[test]
fn the_rights_in_the_documents_suffice_for_every_role() {
    let server = plain();
    let home = home_of("goldstream", &format!("127.0.0.1:{}", server.port()));
    allow(&server, "goldstream", &home);
    works(&home);
}

#[test]
fn they_suffice_on_a_cluster_whose_nodes_all_know_the_user() {
    let cluster = RedisCluster::start();
    let home = home_of("goldstream", cluster.url().trim_start_matches("redis://"));
    for node in cluster.nodes() {
        allow(node, "goldstream", &home);
    }
    works(&home);
}

#[test]
fn who_may_only_look_can_serve_but_not_count() {
    let server = plain();
    let address = format!("127.0.0.1:{}", server.port());
    let home = home_of("goldstream", &address);
    allow(&server, "goldstream", &home);
    allow(&server, "looks", &home);
    home.ok("run shop --once");
    let as_looks = |line: &str| {
        let mut command = home.command(line);
        command.env("GOLDSTREAM_REDIS", format!("redis://looks@{address}"));
        command
    };
    for line in ["export gold", "verify", "status", "doctor"] {
        wait_for_end(as_looks(line).spawn().unwrap(), line).expect(0);
    }
    let told = wait_for_end(as_looks("doctor").spawn().unwrap(), "doctor").expect(0).stdout;
    assert!(told.contains("note  this user of redis may only look"), "{told}");
    // It may be permitted a moment later, so it is waited for.
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..300));
    let running = home.run(as_looks("run shop"));
    eventually("it says what it may not", || {
        let said = running.said();
        let told = said.contains("does not permit") && said.contains("docs/servers.md");
        if told { Ok(()) } else { Err(said) }
    });
    // With 1 where rows were on their way that it could not count.
    assert!(matches!(running.end("TERM"), Some(0 | 1)));
}

#[test]
fn who_is_refused_is_told_so_and_shown_no_password() {
    let server = plain();
    server.ok(&["CONFIG", "SET", "requirepass", PASSWORD]);
    let address = format!("127.0.0.1:{}", server.port());
    let sentence = "refuses the user or the password";
    for (url, said) in [
        (format!("redis://:{PASSWORD}no@{address}"), sentence),
        (format!("redis://nobody:{PASSWORD}@{address}"), sentence),
        (format!("redis://{address}"), "wants a password"),
    ] {
        let home = Home::on(servers::kafka(), url, "refused").with("GOLDSTREAM_LOG", "trace");
        write(&home, 2, 2);
        let answer = home.ask("run shop --once").expect(1).says(&[said, &address]);
        // A server that refuses is there: it is not waited for.
        home.ask("consume all").expect(1).says(&[said, &address]);
        let told = home.ask("doctor").expect(3);
        assert!(told.stdout.contains(said), "{}", told.stdout);
        for text in [answer.stdout, answer.stderr, told.stdout, told.stderr] {
            assert!(!text.contains(PASSWORD), "{text}");
        }
    }
}
