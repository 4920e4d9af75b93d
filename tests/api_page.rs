//! The examples in docs/api.md, run as they stand there: each must show something of the demo shop or of a shop
//! of its own, and the readers of Parquet must read what is there.

use crate::examples::must_be_there;
use crate::harness::home::{DATA, Home};
use crate::harness::http;
use crate::harness::pages::{blocks_in, commands_of};
use crate::harness::process::{Answer, Running, wait_for_end};
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use crate::lake::python;
use serde_json::Value;
use std::process::{Command, Stdio};

const PAGE: &str = "docs/api.md";
/// Where the page believes the server to be.
const ADDRESS: &str = "127.0.0.1:8080";

/// An example with the address that the server has in truth.
fn at(running: &mut Running, example: &str) -> String {
    assert!(example.contains(ADDRESS), "{example}");
    example.replace(ADDRESS, &running.address())
}

/// Runs a program of another maker to its end.
fn run(home: &Home, program: &str, arguments: &[&str]) -> Answer {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(home.path("."));
    // DuckDB keeps its extensions there.
    command.env("HOME", home.path("."));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    wait_for_end(command.spawn().unwrap(), program).expect(0)
}

/// What an example with curl shows; an error that is answered is none.
fn shown(home: &Home, command: &str) -> Result<(), String> {
    must_be_there("curl");
    let said = run(home, "bash", &["-c", command]).stdout;
    if let Some((_, file)) = command.split_once(" -o ") {
        let there = std::fs::read(home.path(file.trim())).map_err(|error| error.to_string())?;
        let begin: &[u8] = if file.ends_with(".pdf") { b"%PDF-" } else { b"PAR1" };
        return if there.starts_with(begin) { Ok(()) } else { Err(format!("no {file}")) };
    }
    let Ok(json) = serde_json::from_str::<Value>(&said) else {
        let is_table = said.contains("revenue_cents") && said.lines().count() > 1;
        return if is_table { Ok(()) } else { Err(said) };
    };
    let rows = json["rows"].as_array().or_else(|| json["days"].as_array());
    let is_there = match rows {
        Some(rows) => !rows.is_empty(),
        None => json["orders"].as_u64().is_some_and(|orders| orders > 0),
    };
    if is_there { Ok(()) } else { Err(said) }
}

#[test]
fn every_question_with_curl_shows_something_of_the_demo() {
    let home = Home::new();
    let mut running = home.start_over(&format!("{DATA}/demo"), "run --demo").ready();
    for command in commands_of(PAGE, "curl").iter().filter(|it| !it.contains("--data-binary")) {
        let there = at(&mut running, command);
        eventually(&format!("something is shown by {command}"), || shown(&home, &there));
    }
}

#[test]
fn a_file_that_is_posted_with_curl_is_counted() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 20 --purchase-count 300");
    let mut running = home.start("run").ready();
    let posts = commands_of(PAGE, "curl").into_iter().filter(|it| it.contains("--data-binary"));
    let posts: Vec<_> = posts.collect();
    assert_eq!(posts.len(), 1, "{posts:?}");
    let answer = run(&home, "bash", &["-c", &at(&mut running, &posts[0])]).stdout;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["accepted"], 300, "{answer}");
    running.counts(300);
}

#[test]
fn the_request_that_posts_is_answered_as_it_stands() {
    let home = Home::new();
    let mut running = home.start("run").ready();
    for request in blocks_in(PAGE, "http") {
        let (head, body) = request.split_once("\n\n").expect("a head and a body");
        let mut lines = head.lines();
        let line = lines.next().expect("a request line");
        let path = line.strip_prefix("POST ").expect("a POST");
        let form = lines.find_map(|line| line.strip_prefix("Content-Type: ")).expect("a type");
        let url = format!("http://{}{path}", running.address());
        let (status, answer) = http::post(&url, form, body).unwrap();
        assert_eq!(status, 202, "{answer}");
    }
    assert_eq!(running.counts(1).accepted_purchases, 1);
}

/// A shop of seven customers in one country, on a goldstream.
fn seven_customers() -> (Home, Running) {
    let home = Home::new();
    write(&home, 7, 20);
    let mut running = home.start("run shop").ready();
    running.counts(27);
    (home, running)
}

#[test]
fn the_readers_of_parquet_in_python_read_every_row() {
    let (home, mut running) = seven_customers();
    // Ten have bought, three of them unknown.
    let expected = ["[10 rows x 11 columns]", "shape: (10, 2)"];
    let blocks = blocks_in(PAGE, "python");
    assert_eq!(blocks.len(), expected.len());
    for (block, expected) in blocks.iter().zip(expected) {
        home.write("example.py", at(&mut running, block));
        let said = run(&home, python().to_str().unwrap(), &["example.py"]).stdout;
        assert!(said.contains(expected), "{said}");
    }
}

/// Asks DuckDB what a file says, with the extension that it would fetch from its makers.
const DUCKDB: &str = "
import duckdb
from duckdb_extensions import import_extension
import_extension('httpfs')
print(sorted(duckdb.sql(open('example.sql').read()).fetchall(), key=str))
";

#[test]
fn duckdb_sums_what_is_there() {
    let (home, mut running) = seven_customers();
    for block in blocks_in(PAGE, "sql") {
        home.write("example.sql", at(&mut running, &block));
        let said = run(&home, python().to_str().unwrap(), &["-c", DUCKDB]).stdout;
        let gold = running.gold();
        let rows = gold.countries.iter().map(|row| (row.country.clone(), row.revenue_cents));
        let [france, unknown] = rows.collect::<Vec<_>>().try_into().expect("two countries");
        assert_eq!((france.0.as_deref(), unknown.0.as_deref()), (Some("France"), None));
        assert_eq!(said.trim(), format!("[('France', {}), (None, {})]", france.1, unknown.1));
    }
}

#[test]
fn the_settings_on_the_pages_are_settings() {
    for page in ["README.md", PAGE] {
        let home = Home::new();
        home.write("goldstream.toml", blocks_in(page, "toml").join("\n"));
        home.ok("doctor");
    }
}
