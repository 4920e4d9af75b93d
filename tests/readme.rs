//! The commands that README.md and docs/servers.md show are run as they stand there.

use crate::harness::home::{DATA, Home};
use crate::harness::wait::eventually;
use std::path::Path;

/// Ways to name the binary in a command.
const NAMES: [&str; 3] =
    ["goldstream ", "./target/release/goldstream ", "target/release/goldstream "];

/// What stands behind the binary's name in every command of the `sh` blocks.
fn commands(readme: &str) -> Vec<String> {
    let mut in_block = false;
    let mut commands = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            in_block = !in_block && line.trim_end() == "```sh";
        } else if in_block && let Some(command) = NAMES.iter().find_map(|n| line.strip_prefix(n)) {
            let (command, _) = command.split_once(" #").unwrap_or((command, ""));
            commands.push(command.trim().to_owned());
        }
    }
    commands
}

/// The word after this one.
fn value_of<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().position(|word| *word == name).and_then(|place| words.get(place + 1).copied())
}

/// Runs one of them; those that would go on are ended once they are ready.
fn run(home: &Home, command: &str) {
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
        home.ok(&line);
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
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).expect("there is a README.md");
    let commands = commands(&readme);
    assert!(!commands.is_empty(), "README.md shows no command in an sh block");
    let home = Home::new();
    home.ok("generate --out shop --customers 50 --purchases 500");
    for command in &commands {
        println!("goldstream {command}");
        run(&home, command);
    }
}

#[test]
fn every_command_of_the_page_on_servers_does_what_it_should() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/servers.md");
    let commands = commands(&std::fs::read_to_string(page).expect("there is a docs/servers.md"));
    assert!(commands.len() > 4, "{commands:?}");
    let home = Home::on_servers("page");
    home.ok("generate --out shop --customers 50 --purchases 500");
    for command in &commands {
        println!("goldstream {command}");
        run(&home, command);
    }
}

#[test]
fn commands_are_found_in_sh_blocks_only() {
    let text = "goldstream no\n```sh\n./target/release/goldstream run shop   # live\nmake run\n\
                goldstream verify\n```\n```text\ngoldstream no\n```\n```sh\ngoldstream status\n```\n";
    assert_eq!(commands(text), ["run shop", "verify", "status"]);
}
