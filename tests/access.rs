//! Who may reach the API: loopback for everybody here, a token beyond it, and no word of the token.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::wait_for_end;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use std::io::Write;
use std::net::TcpStream;
use std::thread;

const TOKEN: &str = "correct-horse-battery-staple";

#[test]
fn listening_beyond_loopback_wants_a_token_or_the_word_that_none_is_wanted() {
    let home = Home::new();
    write(&home, 2, 2);
    for line in ["run shop", "serve"] {
        let refused = home.ask(&format!("{line} --listen 0.0.0.0:0")).expect(2);
        refused.says(&["--insecure-listen", "--token-file", "0.0.0.0"]);
    }
    home.ok("run shop --once --listen 0.0.0.0:0 --insecure-listen");
    home.write("token", format!("{TOKEN}\n"));
    home.ok("run shop --once --listen 0.0.0.0:0 --token-file token");
    home.ask("run shop --once --token-file none").expect(2).says(&["none"]);
}

#[test]
fn a_second_terminal_works_without_the_token_and_a_stranger_does_not() {
    let home = Home::new();
    write(&home, 2, 10);
    let mut command = home.command("run shop");
    command.env("GOLDSTREAM_TOKEN", TOKEN);
    let mut running = home.run(command).ready();
    let url = format!("http://{}", running.address());
    assert_eq!(http::get(&format!("{url}/api/v1/summary")).unwrap().0, 401);
    assert_eq!(http::get(&format!("{url}/healthz")).unwrap().0, 200);
    eventually("all rows are counted", || match home.accounting().rows() {
        12 => Ok(()),
        rows => Err(format!("{rows} rows")),
    });
    home.verify_equal();
    let refused = home.ask(&format!("watch summary --json --url {url}")).expect(1);
    refused.says(&["401", "token"]);
    let note = std::fs::read_to_string(home.path("goldstream-data/server.json")).unwrap();
    assert!(!note.contains(TOKEN), "the second terminal has a token of its own");
    let said = running.said();
    assert!(!said.contains(TOKEN), "{said}");
}

#[test]
fn a_token_that_somebody_would_guess_is_refused_wherever_it_stands_and_not_shown() {
    let home = Home::new();
    write(&home, 2, 2);
    home.write("token", "xyz\n");
    let mut in_environment = home.command("run shop --once");
    in_environment.env("GOLDSTREAM_TOKEN", "xyz");
    let mut answers = vec![wait_for_end(in_environment.spawn().unwrap(), "run shop --once")];
    answers.extend(
        ["run shop --token xyz", "serve --token-file token", "doctor --token fifteen-letters"]
            .map(|line| home.ask(line)),
    );
    for answer in answers {
        let refused = answer.expect(2).says(&["16", "goldstream token"]);
        assert!(!refused.stderr.contains("xyz"), "{}", refused.stderr);
    }
    assert!(!home.path("goldstream-data").exists(), "a refused token made a store");
}

#[test]
fn doctor_tells_of_a_token_and_not_which() {
    let home = Home::new();
    let told = home.ok(&format!("doctor --token {TOKEN}"));
    assert!(told.contains("wants a token") && !told.contains(TOKEN), "{told}");
    home.ask("doctor --token two,words").expect(2).says(&["token"]);
    let told = home.ask("doctor --listen 0.0.0.0:8080").expect(3).stdout;
    assert!(told.contains("--insecure-listen"), "{told}");
}

/// More pings than come through while a server takes leave: a million in half a second.
const PINGS_MAX: usize = 20_000_000;

/// Pings, sent by who shows no token and reads nothing; until they are refused.
fn ping_without_end(address: &str) -> usize {
    let mut socket = TcpStream::connect(address).unwrap();
    let upgrade = "GET /api/v1/feed HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(upgrade.as_bytes()).unwrap();
    // Of 120 bytes, masked with zeros.
    let ping = [&[0x89, 0x80 | 120, 0, 0, 0, 0][..], &[b'x'; 120]].concat();
    let many = ping.repeat(100);
    (0..PINGS_MAX / 100).take_while(|_| socket.write_all(&many).is_ok()).count() * 100
}

#[test]
fn who_pings_without_a_token_and_never_reads_costs_no_memory() {
    let home = Home::new();
    write(&home, 2, 10);
    let mut command = home.command("run shop");
    command.env("GOLDSTREAM_TOKEN", TOKEN);
    let mut running = home.run(command).ready();
    let (address, before) = (running.address(), peak_bytes(running.pid()));
    let sent: Vec<usize> = thread::scope(|scope| {
        let ping = || scope.spawn(|| ping_without_end(&address));
        [ping(), ping(), ping()].map(|it| it.join().unwrap()).to_vec()
    });
    let grown = peak_bytes(running.pid()) - before;
    assert!(grown < 50_000_000, "{grown} bytes more after {sent:?} pings");
    assert!(sent.iter().all(|sent| *sent < PINGS_MAX), "they were heard out: {sent:?}");
    assert_eq!(http::get(&format!("http://{address}/healthz")).unwrap().0, 200);
}

/// The most memory that the process has had.
fn peak_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
