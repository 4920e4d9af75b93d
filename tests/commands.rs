//! The commands from outside: what they say, how they end, what they refuse.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use std::net::TcpListener;

#[test]
fn help_lists_the_commands() {
    let home = Home::new();
    let help = home.ok("--help");
    for command in ["run", "generate", "export", "verify", "status", "reset", "watch"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
        let own = home.ok(&format!("{command} --help"));
        assert!(own.contains("--data-dir"), "{own}");
    }
    home.ask("").expect(2);
    assert!(home.ok("--version").starts_with("goldstream "));
}

#[test]
fn signals_end_it_gracefully_with_their_codes() {
    for (signal, code) in [("TERM", 0), ("INT", 130)] {
        let home = Home::new();
        write(&home, 10, 20);
        let mut running = home.start("run shop").ready();
        running.counts(30);
        assert_eq!(running.end(signal), Some(code), "{signal}");
        assert!(!home.path(DATA).join("server.json").exists(), "the note stayed after {signal}");
        // All of it was written: nothing is left to be counted.
        assert_eq!(home.accounting().rows(), 30);
    }
}

#[test]
fn a_signal_in_the_middle_of_the_work_ends_it_gracefully_too() {
    let home = Home::new();
    home.ok("generate --out shop --customers 1000 --purchases 100000 --dirt 5");
    for (signal, code) in [("TERM", 0), ("INT", 130)] {
        let mut running = home.start("run shop");
        running.accounting();
        assert_eq!(running.end(signal), Some(code), "{signal}");
    }
    home.ok("run shop --once");
    home.verify_equal();
}

#[test]
fn a_signal_right_after_it_said_where_it_listens_ends_it_gracefully_too() {
    for (signal, code) in [("TERM", 0), ("INT", 130)] {
        for _ in 0..20 {
            let home = Home::new();
            write(&home, 10, 20);
            let mut running = home.start("run shop");
            running.address();
            assert_eq!(running.end(signal), Some(code), "{signal}");
        }
    }
}

#[test]
fn a_busy_port_is_named_with_the_way_out() {
    let home = Home::new();
    write(&home, 2, 2);
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let refused = home.ask(&format!("run shop --listen {address}"));
    refused.expect(1).says(&[&address, "--listen"]);
    assert!(!home.path(DATA).exists(), "a refused run made a store");
}

#[test]
fn another_number_of_partitions_is_refused_with_a_sentence() {
    let home = Home::new();
    write(&home, 2, 2);
    home.ok("run shop --once --partitions 3");
    let refused = home.ask("run shop --once --partitions 5").expect(1);
    refused.says(&[DATA, "partitions: 3", "partitions: 5", "--data-dir"]);
    // Without the flag the stored number holds.
    home.ok("run shop --once");
    assert_eq!(home.accounting().rows(), 4);
}

#[test]
fn questions_to_no_store_say_so_and_make_none() {
    let home = Home::new();
    for line in ["export gold", "verify", "status"] {
        home.ask(line).expect(1).says(&["no store", DATA]);
    }
    home.ask("reset --yes").expect(0).says(&["nothing to remove"]);
    assert!(!home.path(DATA).exists());
}

#[test]
fn reset_asks_first_and_then_removes_the_store() {
    let home = Home::new();
    write(&home, 2, 2);
    home.ok("run shop --once");
    // Nobody is there who could answer.
    home.ask("reset").expect(1).says(&["goldstream.redb", "--yes"]);
    assert_eq!(home.accounting().rows(), 4);
    home.ask("reset --yes").expect(0).says(&["removes", "goldstream.redb"]);
    assert!(!home.path(DATA).exists());
    home.ok("run shop --once");
    assert_eq!(home.accounting().rows(), 4);
}

#[test]
fn reset_leaves_what_is_not_its_own() {
    let home = Home::new();
    write(&home, 2, 2);
    home.ok("run shop --once");
    home.write("goldstream-data/mine.txt", "keep");
    home.ok("reset --yes");
    assert!(home.path("goldstream-data/mine.txt").is_file());
    assert!(!home.path("goldstream-data/goldstream.redb").exists());
}
