//! No code block of the documents is forgotten: each is run by a test, or it stands here why it is not. And every
//! page is found from README.md.

use crate::harness::pages::{blocks, names, program_of, text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What becomes of the blocks of a language, in `sh` of the commands of a program.
#[derive(Clone, Copy)]
enum Fate {
    /// This test runs all of them.
    Run(&'static str),
    /// Nothing does, for this reason.
    Shown(&'static str),
}
use Fate::{Run, Shown};

const README: &str = "README.md";
const ALERTS: &str = "docs/alerts.md";
const API: &str = "docs/api.md";
const FEED: &str = "docs/feed.md";
const SERVERS: &str = "docs/servers.md";
const REPORT: &str = "docs/report.md";
const LAKE: &str = "docs/lake.md";
const KUBERNETES: &str = "docs/kubernetes.md";
const OPERATING: &str = "docs/operating.md";
const BACKUP: &str = "backup::every_command_of_the_page_on_operating_does_what_it_should";

/// Page, language and program; what becomes of them.
const FATES: [(&str, &str, &str, Fate); 45] = [
    (README, "", "", Shown("a drawing")),
    (
        README,
        "sh",
        "make",
        Shown(
            "they install, build and run this very test; that there are such verbs is tested below",
        ),
    ),
    (README, "sh", "goldstream", Run("readme::every_command_of_the_readme_does_what_it_should")),
    (README, "sh", "node", Run("examples::the_lines_of_javascript_in_the_readme_show_the_frames")),
    (README, "js", "", Run("examples::the_lines_of_javascript_in_the_readme_show_the_frames")),
    (README, "toml", "", Run("api_page::the_settings_on_the_pages_are_settings")),
    ("ARCHITECTURE.md", "", "", Shown("a drawing")),
    (ALERTS, "toml", "", Run("alerts::page")),
    (ALERTS, "sh", "goldstream", Run("alerts::page")),
    (API, "sh", "curl", Run("api_page::every_question_with_curl_shows_something_of_the_demo")),
    (API, "http", "", Run("api_page::the_request_that_posts_is_answered_as_it_stands")),
    (API, "python", "", Run("api_page::the_readers_of_parquet_in_python_read_every_row")),
    (API, "sql", "", Run("api_page::duckdb_sums_what_is_there")),
    (API, "toml", "", Run("api_page::the_settings_on_the_pages_are_settings")),
    (
        API,
        "text",
        "",
        Shown(
            "answers of verify about stores that are damaged on purpose, which its own tests make",
        ),
    ),
    (FEED, "sh", "goldstream", Run("examples::the_commands_with_watch_show_the_shop")),
    (FEED, "sh", "curl", Run("examples::curl_shows_the_frames")),
    (FEED, "sh", "node", Run("examples::the_page_in_javascript_shows_the_shop_whatever_happens")),
    (FEED, "sh", "python3", Run("examples::the_script_in_python_shows_the_shop_whatever_happens")),
    (FEED, "js", "", Run("examples::the_page_in_javascript_shows_the_shop_whatever_happens")),
    (FEED, "python", "", Run("examples::the_script_in_python_shows_the_shop_whatever_happens")),
    (FEED, "", "", Shown("frames, which tests/golden holds against the server")),
    (
        SERVERS,
        "sh",
        "goldstream",
        Run("readme::every_command_of_the_page_on_servers_does_what_it_should"),
    ),
    (
        SERVERS,
        "sh",
        "export",
        Shown("the addresses of make servers; the test sets those of its own"),
    ),
    (SERVERS, "", "", Run("needs_redis_server::access")),
    (SERVERS, "sh", "kafka-acls", Run("secured::kafka")),
    (SERVERS, "toml", "", Run("secured::kafka")),
    (
        KUBERNETES,
        "yaml",
        "",
        Run(
            "deploy::the_chart_the_rules_and_the_board_are_as_they_should_be_and_each_check_can_fail",
        ),
    ),
    (
        KUBERNETES,
        "sh",
        "kubectl",
        Shown("it wants a cluster; what it waits for is checked without"),
    ),
    (
        KUBERNETES,
        "sh",
        "helm",
        Shown("as kubectl: the chart is rendered with these values in deploy"),
    ),
    (
        KUBERNETES,
        "sh",
        "deploy/check.sh",
        Run(
            "deploy::the_chart_the_rules_and_the_board_are_as_they_should_be_and_each_check_can_fail",
        ),
    ),
    (
        KUBERNETES,
        "sh",
        "deploy/live-check.sh",
        Run("deploy::a_real_prometheus_answers_every_question_of_the_board_and_the_rules"),
    ),
    (SERVERS, "sh", "redis-cli", Run("needs_redis_server::whole_rows")),
    (SERVERS, "python", "", Run("needs_redis_server::whole_rows")),
    (
        REPORT,
        "sh",
        "goldstream",
        Run("report::the_commands_of_the_page_on_the_report_print_the_real_shop"),
    ),
    (REPORT, "toml", "", Run("alerts::reports")),
    (LAKE, "text", "", Shown("a picture of folders")),
    (LAKE, "sh", "goldstream", Run("lake::page")),
    (LAKE, "sh", "export", Run("lake::page")),
    (LAKE, "sql", "", Run("lake::page")),
    (LAKE, "python", "", Run("lake::page")),
    (LAKE, "toml", "", Run("lake::page")),
    (OPERATING, "sh", "goldstream", Run(BACKUP)),
    (OPERATING, "sh", "mkdir", Run(BACKUP)),
    (OPERATING, "sh", "cp", Run(BACKUP)),
];

fn fates() -> BTreeMap<(&'static str, &'static str, &'static str), Fate> {
    FATES
        .into_iter()
        .map(|(page, language, program, fate)| ((page, language, program), fate))
        .collect()
}

/// The programs of a block: of its commands, in a language that has none.
fn programs(language: &str, text: &str) -> BTreeSet<String> {
    if language != "sh" {
        return BTreeSet::from([String::new()]);
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| program_of(line).to_owned()).collect()
}

#[test]
fn each_code_block_of_the_documents_is_run_or_has_a_reason_not_to_be() {
    let mut found = BTreeSet::new();
    for page in names() {
        for block in blocks(&text(&page)) {
            for program in programs(&block.language, &block.text) {
                found.insert((page.clone(), block.language.clone(), program));
            }
        }
    }
    let own = |key: &(&str, &str, &str)| (key.0.to_owned(), key.1.to_owned(), key.2.to_owned());
    let known: BTreeSet<_> = fates().keys().map(own).collect();
    let (forgotten, gone): (Vec<_>, Vec<_>) =
        (found.difference(&known).collect(), known.difference(&found).collect());
    assert!(forgotten.is_empty(), "no test runs these, and no reason says why: {forgotten:?}");
    assert!(gone.is_empty(), "these stand on no page any more: {gone:?}");
}

#[test]
fn the_tests_that_run_code_blocks_are_there() {
    for (block, fate) in fates() {
        let test = match fate {
            Run(test) => test,
            Shown(reason) => {
                assert!(!reason.is_empty(), "{block:?}");
                continue;
            }
        };
        let (module, name) = test.split_once("::").unwrap();
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let is_there = match std::fs::read_to_string(tests.join(module).with_extension("rs")) {
            Ok(source) => source.contains(&format!("#[test]\nfn {name}()")),
            Err(_) => tests.join(module).join(name).with_extension("rs").is_file(),
        };
        assert!(is_there, "{block:?} is to be run by {test}, which is not there");
    }
}

#[test]
fn the_verbs_of_make_that_the_documents_name_are_there() {
    let makefile = text("Makefile");
    let mut count = 0;
    for page in names() {
        let page = text(&page);
        let quoted = page.split("`make ").skip(1).chain(page.split("\nmake ").skip(1));
        for rest in quoted {
            let verb: String =
                rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            assert!(makefile.contains(&format!("\n{verb}: ")), "there is no make {verb}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} are named");
}

#[test]
fn every_page_is_named_by_the_readme() {
    let readme = text(README);
    for page in names().into_iter().filter(|page| page != README) {
        assert!(readme.contains(&format!("]({page})")), "README.md does not lead to {page}");
    }
}
