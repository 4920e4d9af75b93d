//! The commands that README.md and docs/servers.md show are run as they stand there, and have something to show.

use crate::harness::home::{DATA, Home};
use crate::harness::pages::{commands_of, text};
use crate::harness::wait::eventually;
use std::path::Path;

/// What stands behind the binary's name in every command of a page.
fn commands(page: &str) -> Vec<String> {
    let found = commands_of(page, "goldstream").into_iter();
    found.map(|command| command.trim_start_matches("goldstream").trim().to_owned()).collect()
}

/// The word after this one.
fn value_of<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().position(|word| *word == name).and_then(|place| words.get(place + 1).copied())
}

/// Runs one of them; those that would go on are ended once they are ready.
fn run(home: &Home, page: &str, command: &str) {
    let mut words: Vec<&str> = command.split_whitespace().collect();
    if let Some(place) = words.iter().position(|word| *word == "--listen") {
        // The port may be taken here.
        words[place + 1] = "127.0.0.1:0";
    }
    let line = words.join(" ");
    let goes_on = match words[0] {
        "run" => !words.contains(&"--once"),
        word => ["consume", "serve", "watch"].contains(&word),
    };
    if !goes_on {
        let shown = home.ok(&line);
        assert!(!shown.contains("no row was refused"), "goldstream {line} has nothing to show");
        if line == "verify" {
            assert!(page.contains(&format!("# {};", shown.trim())), "{shown}");
        }
        return;
    }
    if words[0] == "consume" {
        return run_until_it_says(home, &line, "consuming");
    }
    if words[0] == "watch" {
        // Somebody must be there in the first terminal.
        let _serving = home.start("serve").ready();
        return run_until_it_says(home, &line, ": live");
    }
    let data = Path::new(value_of(&words, "--data-dir").unwrap_or(DATA));
    let data = if words.contains(&"--demo") { data.join("demo") } else { data.to_owned() };
    let running = home.start_over(data.to_str().unwrap(), &line).ready();
    assert_eq!(running.end("TERM"), Some(0), "goldstream {line}");
}

fn run_until_it_says(home: &Home, line: &str, words: &str) {
    let running = home.start(line);
    eventually(&format!("goldstream {line} says {words:?}"), || match running.said() {
        said if said.contains(words) => Ok(()),
        said => Err(said),
    });
    assert_eq!(running.end("TERM"), Some(0), "goldstream {line}");
}

#[test]
fn every_command_of_the_readme_does_what_it_should() {
    let (home, page) = (Home::new(), text("README.md"));
    for command in commands("README.md") {
        println!("goldstream {command}");
        run(&home, &page, &command);
    }
}

#[test]
fn every_command_of_the_page_on_servers_does_what_it_should() {
    let commands = commands("docs/servers.md");
    assert!(commands.len() > 4, "{commands:?}");
    let home = Home::on_servers("page");
    home.ok("generate --out shop --customer-count 50 --purchase-count 500");
    for command in &commands {
        println!("goldstream {command}");
        run(&home, "", command);
    }
}
