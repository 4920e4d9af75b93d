//! Who may reach the API: loopback for everybody here, a token beyond it, and no word of the token.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::shop::write;
use crate::harness::wait::eventually;

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
fn doctor_tells_of_a_token_and_not_which() {
    let home = Home::new();
    let told = home.ok(&format!("doctor --token {TOKEN}"));
    assert!(told.contains("wants a token") && !told.contains(TOKEN), "{told}");
    let told = home.ok("doctor --token short");
    assert!(told.contains("guessed") && !told.contains("short\""), "{told}");
    home.ask("doctor --token two,words").expect(2).says(&["token"]);
    home.write("goldstream.toml", "listen = \"0.0.0.0:8080\"\n");
    let told = home.ask("doctor").expect(3).stdout;
    assert!(told.contains("--insecure-listen"), "{told}");
}
