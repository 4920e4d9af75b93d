//! The examples in docs/feed.md and README.md, run as they stand there against a real server: what each prints
//! must be the figures of the shop, also after a purchase and after its server was killed and came back.

use crate::harness::home::{DATA, Home};
use crate::harness::pages::{block, commands_of, program_of};
use crate::harness::process::Running;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use serde_json::Value;
use std::process::{Command, Stdio};

/// Where the page believes the server to be.
const ADDRESS: &str = "127.0.0.1:8080";

const FEED: &str = "docs/feed.md";
const README: &str = "README.md";

/// What the shop has, in the words of the examples and of the feed.
struct Figures {
    orders: i64,
    cents: i64,
}

impl Figures {
    fn of(running: &mut Running) -> Self {
        let summary: Value = serde_json::from_str(&running.get("/api/v1/summary")).unwrap();
        let of = |name: &str| summary[name].as_i64().unwrap();
        Self { orders: of("orders"), cents: of("revenue_cents") }
    }

    fn amount(&self) -> String {
        format!("{}.{:02}", self.cents / 100, self.cents % 100)
    }

    /// A whole line of the scripts.
    fn as_sentence(&self) -> String {
        format!("\n{} orders, {}\n", self.orders, self.amount())
    }

    fn as_json(&self) -> String {
        format!("\"orders\":{},\"revenue_cents\":{},", self.orders, self.cents)
    }

    /// In a line of `watch`, whether it tells what is or what has changed.
    fn as_facts(&self, before: Option<&Self>) -> String {
        let Some(before) = before else {
            return format!(" orders {}, revenue {}, ", self.orders, self.amount());
        };
        let (from, to) = (before.amount(), self.amount());
        format!(" orders {} → {}, revenue {from} → {to}, ", before.orders, self.orders)
    }
}

/// A shop with its server.
struct Shop {
    home: Home,
    running: Running,
    address: String,
}

impl Shop {
    fn new() -> Self {
        let home = Home::new();
        write(&home, 5, 20);
        let mut running = home.start("run shop").ready();
        running.counts(25);
        let address = running.address();
        Self { home, running, address }
    }

    fn figures(&mut self) -> Figures {
        Figures::of(&mut self.running)
    }

    fn buy(&mut self, numbers: std::ops::Range<u64>) -> Figures {
        append(&self.home.path("shop/achats.csv"), lines(purchase, numbers.clone()));
        self.running.counts(5 + numbers.end);
        self.figures()
    }

    /// Kills the server; a purchase is made, and it comes back under its address.
    fn kill_and_come_back(self, numbers: std::ops::Range<u64>) -> Self {
        self.running.kill();
        append(&self.home.path("shop/achats.csv"), lines(purchase, numbers.clone()));
        let mut running = self.home.start(&format!("run shop --listen {}", self.address)).ready();
        running.counts(5 + numbers.end);
        Self { running, ..self }
    }

    /// Starts an example, with the address that the server has in truth.
    fn start(&self, program: &str, arguments: &[&str]) -> Running {
        must_be_there(program);
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.home.path("."));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running::new(command, self.home.path(DATA))
    }

    fn with_address(&self, example: &str) -> String {
        assert!(example.contains(ADDRESS), "{example}");
        example.replace(ADDRESS, &self.address)
    }
}

/// An example needs this program.
pub(crate) fn must_be_there(program: &str) {
    let answers = Command::new(program).arg("--version").output();
    assert!(answers.is_ok(), "an example needs {program}: make setup sees to it");
}

fn prints(example: &Running, words: &str) {
    eventually(&format!("the example prints {words:?}"), || {
        let printed = format!("\n{}", example.printed());
        if printed.contains(words) { Ok(()) } else { Err(format!("{printed}{}", example.said())) }
    });
}

/// Starts the script of a page by the command that stands on it, whose last word is the script's file.
fn start_script(shop: &Shop, page: &str, language: &str, program: &str) -> Running {
    let commands = commands_of(page, program);
    assert_eq!(commands.len(), 1, "{page} says once how its script is started: {commands:?}");
    let words: Vec<_> = commands[0].split_whitespace().skip(1).collect();
    let file = words.last().expect("it names a file");
    shop.home.write(file, shop.with_address(&block(page, language)));
    shop.start(program, &words)
}

/// A script that goes on by itself: now, after a purchase, after a kill.
fn goes_on(mut shop: Shop, example: &Running) {
    prints(example, &shop.figures().as_sentence());
    prints(example, &shop.buy(20..21).as_sentence());
    let mut shop = shop.kill_and_come_back(21..30);
    prints(example, &shop.figures().as_sentence());
    prints(example, &shop.buy(30..31).as_sentence());
}

#[test]
fn the_lines_of_javascript_in_the_readme_show_the_frames() {
    let mut shop = Shop::new();
    let example = start_script(&shop, README, "js", "node");
    prints(&example, &shop.figures().as_json());
    prints(&example, &shop.buy(20..21).as_json());
}

#[test]
fn the_page_in_javascript_shows_the_shop_whatever_happens() {
    let shop = Shop::new();
    let example = start_script(&shop, FEED, "js", "node");
    goes_on(shop, &example);
}

#[test]
fn the_script_in_python_shows_the_shop_whatever_happens() {
    let shop = Shop::new();
    let example = start_script(&shop, FEED, "python", "python3");
    goes_on(shop, &example);
}

#[test]
fn curl_shows_the_frames() {
    for command in commands_of(FEED, "curl") {
        let mut shop = Shop::new();
        must_be_there(program_of(&command));
        let command = format!("exec {}", shop.with_address(&command));
        let example = shop.start("bash", &["-c", &command]);
        prints(&example, &shop.figures().as_json());
        prints(&example, &shop.buy(20..21).as_json());
    }
}

#[test]
fn the_commands_with_watch_show_the_shop() {
    for command in commands_of(FEED, "goldstream") {
        let mut shop = Shop::new();
        let is_json = command.contains("--json");
        let example = shop.home.start(command.trim_start_matches("goldstream ").trim());
        let before = shop.figures();
        let words = if is_json { before.as_json() } else { before.as_facts(None) };
        prints(&example, &words);
        let after = shop.buy(20..21);
        let words = if is_json { after.as_json() } else { after.as_facts(Some(&before)) };
        prints(&example, &words);
        assert_eq!(example.end("TERM"), Some(0), "{command}");
    }
}
