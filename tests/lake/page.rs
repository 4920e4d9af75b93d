//! The page on the lake: its commands, settings and readers do what it says, on a folder and on a MinIO.

use super::python;
use crate::harness::home::Home;
use crate::harness::pages::{blocks, blocks_in, text};
use goldstream_platform::conformance::servers;
use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = "docs/lake.md";
/// Where the page has its MinIO.
const SHOWN: &str = "127.0.0.1:9000";

/// Asks DuckDB all that a file says, with the extension that it would fetch from its makers.
const DUCKDB: &str = "
import duckdb
from duckdb_extensions import import_extension
import_extension('httpfs')
rows = duckdb.sql(open('example.sql').read()).fetchall()
print(len(rows), rows[:3])
assert rows
";

/// The same with the address of the MinIO that runs here, and a prefix of its own.
fn here(text: &str, prefix: &str) -> String {
    let address = servers::s3();
    let text = text.replace(SHOWN, address.strip_prefix("http://").unwrap());
    text.replace("lake/shop", &format!("lake/{prefix}"))
}

fn run(home: &Home, program: &str, words: &[&str]) -> String {
    let goldstream = Path::new(env!("CARGO_BIN_EXE_goldstream")).parent().unwrap();
    let path = format!("{}:{}", goldstream.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(program);
    command.current_dir(home.path("")).args(words).stdin(Stdio::null());
    command.env("PATH", path).env("GOLDSTREAM_LISTEN", "127.0.0.1:0");
    let said = command.output().unwrap();
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.success(), "{words}{}", String::from_utf8_lossy(&said.stderr));
    words
}

#[test]
fn every_block_of_the_page_on_the_lake_does_what_it_says() {
    let home = Home::new();
    let prefix = servers::fresh_prefix("page");
    home.ok("generate --out shop --customer-count 60 --purchase-count 3000 --dirt 3");
    let all = blocks(&text(PAGE));
    for block in all.iter().filter(|block| block.language == "sh") {
        run(&home, "bash", &["-euc", &here(&block.text, &prefix)]);
    }
    for block in blocks_in(PAGE, "sql") {
        home.write("example.sql", here(&block, &prefix));
        run(&home, python().to_str().unwrap(), &["-c", DUCKDB]);
    }
    for block in blocks_in(PAGE, "python") {
        home.write("example.py", here(&block, &prefix));
        assert!(!run(&home, python().to_str().unwrap(), &["example.py"]).trim().is_empty());
    }
    home.write("goldstream.toml", blocks_in(PAGE, "toml").join("\n"));
    let said = home.ok("doctor");
    assert!(said.contains("the lake lake can be written"), "{said}");
}
