//! What is refused on servers, and what it says.

use crate::harness::broker::{delete_records, delete_topics};
use crate::harness::home::Home;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

#[test]
fn one_server_without_the_other_is_a_usage_error() {
    let home = Home::new();
    write(&home, 2, 2);
    for line in ["run shop --once --kafka k:9092", "produce shop --redis redis://r"] {
        home.ask(line).expect(2).says(&["--kafka", "--redis"]);
    }
    home.ask("consume gold").expect(2).says(&["--kafka", "--redis"]);
    home.ask("produce --kafka k:9092 --redis redis://r").expect(2).says(&["--purchases"]);
}

#[test]
fn a_server_that_is_not_there_is_named_and_a_password_is_not() {
    let home = Home::new();
    write(&home, 2, 2);
    let redis = servers::redis();
    let line = format!("produce shop --kafka 127.0.0.1:1 --redis {redis}");
    home.ask(&line).expect(1).says(&["127.0.0.1:1", "--kafka"]);
    let line = format!("status --kafka {} --redis redis://:secret@127.0.0.1:1", servers::kafka());
    let answer = home.ask(&line).expect(1);
    assert!(!answer.stderr.contains("secret"), "{}", answer.stderr);
    // Nobody is there, which is another thing than an address that is none, or a name that nobody knows.
    let line = format!("produce shop --kafka [::1]:1 --redis {redis}");
    home.ask(&line).expect(1).says(&["Kafka at [::1]:1", "is it running"]);
    let line = format!("produce shop --kafka no-such-host.invalid:9092 --redis {redis}");
    home.ask(&line).expect(1).says(&["no-such-host.invalid", "no address is known", "IPv6"]);
    let line = format!("doctor --kafka 127.0.0.1:1 --redis {redis}");
    let told = home.ask(&line).expect(3).stdout;
    assert!(told.contains("mend") && told.contains("127.0.0.1:1"), "{told}");
}

#[test]
fn another_number_of_partitions_is_refused_by_every_role() {
    let home = Home::on_servers("count");
    write(&home, 2, 2);
    home.ok("produce shop --partitions 3");
    for line in ["produce shop", "consume all", "serve", "run shop --once", "status"] {
        let refused = home.ask(&format!("{line} --partitions 5")).expect(1);
        refused.says(&["--partitions 3", "--prefix"]);
    }
    // Without the flag the stored number holds.
    home.ok("run shop --once");
    assert_eq!(home.accounting().rows(), 4);
}

#[test]
fn questions_to_no_store_say_so_and_make_none() {
    let home = Home::on_servers("nothing");
    for line in ["export gold", "verify", "status"] {
        home.ask(line).expect(1).says(&["no store", home.variable("GOLDSTREAM_PREFIX")]);
    }
    home.ask("reset --yes").expect(0).says(&["nothing to remove"]);
    assert!(home.ok("doctor").contains("no topics"));
}

#[test]
fn a_log_that_is_another_one_under_the_same_name_stops_its_shards_with_a_sentence() {
    let home = Home::on_servers("recreated");
    write(&home, 20, 200);
    home.ok("run shop --once");
    let prefix = home.variable("GOLDSTREAM_PREFIX").to_owned();
    // The topics go and are made again, empty; the keys stay.
    delete_topics(&prefix);
    eventually("the topics are gone", || match home.ask("doctor").stdout {
        told if told.contains("no topics") => Ok(()),
        told => Err(told),
    });
    write(&home, 5, 50);
    home.ask("run shop --once").expect(1).says(&["another", "--prefix"]);
    let mut running = home.start("run shop");
    eventually("its shards stand still and say why", || {
        let status = running.get("/api/v1/status");
        let halted = status.contains("halted") && status.contains("another one");
        if halted && status.contains("--prefix") { Ok(()) } else { Err(status) }
    });
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn a_log_whose_beginning_was_deleted_before_it_was_counted_is_refused_with_what_mends_it() {
    let home = Home::on_servers("cut");
    write(&home, 20, 200);
    home.ok("produce shop --partitions 2");
    let topic = format!("{}.bronze.purchases", home.variable("GOLDSTREAM_PREFIX"));
    delete_records(&topic, 1, 3);
    let refused = home.ask("run shop --once").expect(1);
    refused.says(&["begins at 3", "retention.ms=-1", "--prefix"]);
    // What was found is told in the status, too, and the other partition is counted.
    let mut running = home.start("run shop");
    eventually("its shard stands still and says why", || {
        let status = running.get("/api/v1/status");
        if status.contains("begins at 3") { Ok(()) } else { Err(status) }
    });
    assert!(running.accounting().accepted_purchases > 0);
    assert_eq!(running.end("TERM"), Some(0));
}
