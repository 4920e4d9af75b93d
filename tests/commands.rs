//! The commands from outside: what they say, how they end, what they refuse.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::{append, purchase, write};
use std::net::TcpListener;

#[test]
fn help_lists_the_commands() {
    let home = Home::new();
    let help = home.ok("--help");
    for command in ["run", "generate", "export", "report", "verify", "status", "reset", "watch"] {
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
    home.ok("generate --out shop --customer-count 1000 --purchase-count 100000 --dirt 5");
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
fn once_needs_no_port_and_says_what_is_new() {
    let home = Home::new();
    write(&home, 10, 20);
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let line = format!("run shop --once --listen {}", busy.local_addr().unwrap());
    home.ask(&line).expect(0).says(&["30 new rows", "30 in all"]);
    home.ask(&line).expect(0).says(&["0 new rows", "30 in all"]);
    append(&home.path("shop/achats.csv"), purchase(20));
    home.ask(&line).expect(0).says(&["1 new rows", "31 in all"]);
}

#[test]
fn an_address_to_listen_on_may_be_a_name() {
    let home = Home::new();
    write(&home, 2, 2);
    let mut running = home.start("run shop --listen localhost:0").ready();
    assert!(running.address().starts_with("127.0.0.1:"));
    home.write("goldstream.toml", "listen = \"nowhere\"\n");
    home.ask("run shop").expect(2).says(&[
        "goldstream.toml",
        "line 1, column 10",
        "127.0.0.1:8080",
    ]);
}

#[test]
fn questions_find_the_demos_store_where_that_is_meant_and_say_so() {
    let home = Home::new();
    let mut demo = home.start_over(&format!("{DATA}/demo"), "run --demo").ready();
    for line in [
        "status",
        "export summary",
        "quarantine list",
        "verify",
        "watch summary --json --interval 60000",
    ] {
        if line.starts_with("watch") {
            let mut running = home.start(line);
            running.prints("snapshot");
            continue;
        }
        home.ask(line).expect(0).says(&["the demo's store"]);
    }
    write(&home, 2, 2);
    home.ok("run shop --once");
    // It runs, the other does not.
    home.ask("export accounting").expect(0).says(&["the demo's store"]);
    demo.accounting();
    assert_eq!(demo.end("TERM"), Some(0));
    let answer = home.ask("export accounting").expect(0);
    assert_eq!(answer.stderr, "");
    home.ask("reset --yes").expect(0).says(&["goldstream reset --data-dir goldstream-data/demo"]);
    home.ask("reset --yes --data-dir goldstream-data/demo").expect(0);
    home.ask("status").expect(1).says(&["no store"]);
}

#[test]
fn shells_and_the_manual_know_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = home.ok(&format!("completions {shell}"));
        assert!(script.contains("quarantine") && script.contains("data-dir"), "{shell}");
    }
    let page = home.ok("man");
    assert!(page.starts_with(".ie") || page.contains(".TH goldstream"), "{page}");
    assert!(page.contains(".SH QUARANTINE") && page.contains("\\-\\-log\\-format"));
    let [one, other] = [home.ok("token"), home.ok("token")];
    assert!(one.trim().len() >= 16 && one != other);
    home.ok(&format!("doctor --token {}", one.trim()));
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
