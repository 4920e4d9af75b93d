//! The same on a Redis Cluster of three nodes: the suite, the shop, slots that move and nodes that die.

use crate::distributed::scene::{LINES, Scene};
use crate::distributed::team::Team;
use crate::harness::chaos::{self, Toll};
use crate::harness::home::Home;
use crate::harness::redis_cluster::RedisCluster;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::{OnRedis, check, servers};
use goldstream_platform::redis::RedisClient;

#[test]
fn the_redis_store_passes_the_suite_on_a_cluster() {
    let cluster = RedisCluster::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = cluster.url();
        let client = RedisClient::connect(&url.as_str().into(), "suite").await.unwrap();
        assert_eq!(client.cluster_nodes(), Some(3));
        check(|| OnRedis::new(tempfile::tempdir().unwrap(), &url)).await;
    });
}

#[test]
fn gold_is_exact_while_slots_move_from_node_to_node_and_nodes_die() {
    let mut cluster = RedisCluster::start();
    let scene = Scene::new(Home::on(servers::kafka(), cluster.url(), "cluster"));
    let mut team = Team::start(&scene.home, &LINES);
    let mut toll = Toll::of("slots of a Redis Cluster moved, its nodes killed");
    let prefix = scene.home.variable("GOLDSTREAM_PREFIX").to_owned();
    // What is there of a shard sends commits away to come again; a key that has gone already sends those
    // who ask for it alone to where it is.
    let moves = [
        ("{gold/0}:head", "TRYAGAIN"),
        ("{silver.purchases/1}:head", "TRYAGAIN"),
        ("topology", "ASK"),
        ("{gold/0}:feed", "ASK"),
    ];
    for round in 0..chaos::times(1) {
        for (key, word) in moves {
            scene.goes_on(&mut team, 500);
            let moved = cluster.said("MOVED");
            cluster.move_slot_of(&format!("{prefix}:0:{key}"), |cluster| {
                says_more(cluster, word, cluster.said(word));
                // The shards of other slots go on.
                scene.goes_on(&mut team, 1);
            });
            says_more(&cluster, "MOVED", moved);
            toll.recovers(|| scene.goes_on(&mut team, 500));
        }
        let node = cluster.node(round % 3);
        node.kill();
        node.restart();
        cluster.agrees();
        toll.recovers(|| scene.goes_on(&mut team, 500));
    }
    // Every node has shards, or nothing of this was shown.
    let holds = |node: &RedisServer| node.type_in(&["DBSIZE"]) != "0";
    assert!(cluster.nodes().iter().all(holds));
    scene.ends_equal(team);
}

/// Somebody is sent away with this word more often than `before`.
fn says_more(cluster: &RedisCluster, word: &str, before: u64) {
    eventually(&format!("a node says {word}"), || match cluster.said(word) {
        said if said > before => Ok(()),
        said => Err(format!("{said} times")),
    });
}

#[test]
fn every_command_works_by_any_node_that_answers_and_a_reset_takes_all_keys_of_all_nodes() {
    let cluster = RedisCluster::start();
    let [first, second, ..] = cluster.nodes() else { panic!("three nodes") };
    // Nobody is at the first of the two.
    let url = format!("redis://127.0.0.1:1,127.0.0.1:{}", second.port());
    let home = Home::on(servers::kafka(), url, "nodes");
    write(&home, 20, 200);
    home.ok("run shop --once");
    assert_eq!(home.accounting().rows(), 220);
    home.verify_equal();
    assert!(home.ok("doctor").contains("a cluster whose keys are on 3 nodes"));
    home.ok("reset --yes");
    assert_eq!(
        cluster.nodes().iter().map(|node| node.type_in(&["DBSIZE"])).collect::<String>(),
        "000"
    );
    drop(home);
    first.ok(&["CONFIG", "SET", "maxmemory", "100mb"]);
    first.ok(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let home = Home::on(servers::kafka(), cluster.url(), "evicts");
    let told = home.ask("doctor").expect(3).stdout;
    assert!(
        told.contains(&format!("redis at 127.0.0.1:{} throws keys away", first.port())),
        "{told}"
    );
}

#[test]
fn several_servers_that_are_no_cluster_are_refused() {
    let home = Home::new();
    write(&home, 2, 2);
    let server = RedisServer::start(|port, _| vec!["--port".to_owned(), port.to_string()]);
    let at = format!("127.0.0.1:{}", server.port());
    let line =
        format!("produce shop --kafka {} --redis redis://{at},127.0.0.1:1", servers::kafka());
    home.ask(&line).expect(1).says(&[&at, "not part of a cluster"]);
}

#[test]
fn a_user_of_a_cluster_who_may_not_ask_for_its_slots_is_told_so() {
    let cluster = RedisCluster::start();
    let rights = "ACL SETUSER blind on >word ~* &* +@all -cluster";
    for node in cluster.nodes() {
        node.ok(&rights.split(' ').collect::<Vec<_>>());
    }
    let url = cluster.url().replace("//", "//blind:word@");
    let home = Home::on(servers::kafka(), url, "blind");
    write(&home, 20, 200);
    home.ask("run shop --once").expect(1).says(&[
        "does not permit",
        "cluster|slots",
        "docs/servers.md",
    ]);
}
