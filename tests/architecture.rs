//! The shape of the code: which crate may know which, and what every file owes its reader.

use crate::tidy::files_under;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Longest file.
const LINES_MAX: usize = 400;

/// The only arrows there are.
const ARROWS: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("alerts", &["domain"]),
    ("forecast", &["domain"]),
    ("report", &["domain", "forecast"]),
    ("platform", &["alerts", "domain"]),
    ("notify", &["notify", "platform"]),
    ("producers", &["domain", "platform"]),
    ("consumers", &["domain", "platform"]),
    ("lake", &["domain", "platform"]),
    // Its tests take certificates that those of mail have.
    ("traces", &["domain", "notify", "platform"]),
    ("api", &["alerts", "domain", "forecast", "platform", "report"]),
    ("client", &[]),
    ("tests/simulator", &["api", "client", "consumers", "domain", "platform", "producers"]),
    (
        ".",
        &[
            "alerts",
            "api",
            "client",
            "consumers",
            "domain",
            "forecast",
            "lake",
            "notify",
            "platform",
            "producers",
            "report",
            "traces",
        ],
    ),
];

/// All that the pure core uses: data structures, text forms, hashes. No clock, no I/O, no async.
const DOMAIN_USES: [&str; 9] = [
    "foldhash",
    "hashbrown",
    "serde",
    "serde_json",
    "smallvec",
    "smol_str",
    "thiserror",
    "unicode-normalization",
    "xxhash-rust",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(dir: &str) -> toml::Table {
    std::fs::read_to_string(root().join(dir).join("Cargo.toml")).unwrap().parse().unwrap()
}

/// Names of a manifest's dependencies, those of these kinds.
fn dependencies(dir: &str, kinds: &[&str]) -> BTreeSet<String> {
    let manifest = manifest(dir);
    let tables = kinds.iter().filter_map(|kind| manifest.get(*kind)?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}

#[test]
fn the_crates_know_each_other_only_along_the_arrows() {
    let members = manifest(".")["workspace"]["members"].as_array().unwrap().clone();
    let members: BTreeSet<_> = members.iter().map(|name| name.as_str().unwrap()).collect();
    let known: BTreeSet<_> = ARROWS.iter().map(|(dir, _)| *dir).filter(|dir| *dir != ".").collect();
    assert_eq!(members, known, "a crate without arrows");
    for (dir, may) in ARROWS {
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        let used = dependencies(dir, &kinds);
        let ours = used.iter().filter_map(|name| name.strip_prefix("goldstream-"));
        for name in ours {
            assert!(may.contains(&name), "{dir} must not know {name}");
        }
        assert!(!manifest(dir).contains_key("target"), "{dir} has dependencies by platform");
    }
}

/// Cargo reads every member of the workspace, whatever it builds.
#[test]
fn every_crate_goes_into_the_image() {
    let ignored = std::fs::read_to_string(root().join(".dockerignore")).unwrap();
    let taken: BTreeSet<_> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for (dir, _) in ARROWS.iter().filter(|(dir, _)| *dir != ".") {
        assert!(taken.contains(dir), "{dir} is not in .dockerignore, so no image can be built");
    }
}

#[test]
fn the_domain_uses_nothing_that_could_differ_between_two_runs() {
    let used = dependencies("domain", &["dependencies", "build-dependencies"]);
    for name in &used {
        assert!(DOMAIN_USES.contains(&name.as_str()), "domain uses {name}");
    }
    let in_tests = dependencies("domain", &["dev-dependencies"]);
    assert!(in_tests.iter().all(|name| name == "proptest"), "{in_tests:?}");
}

#[test]
fn versions_stand_in_the_workspace_only() {
    for (dir, _) in ARROWS {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest(dir).get(kind).cloned() else { continue };
            for (name, how) in table.as_table().unwrap() {
                let inherited = how.get("workspace").and_then(toml::Value::as_bool);
                assert_eq!(inherited, Some(true), "{name} in {dir}/Cargo.toml");
            }
        }
        assert_eq!(manifest(dir)["lints"]["workspace"].as_bool(), Some(true), "{dir}");
    }
}

fn sources() -> Vec<PathBuf> {
    let dirs = [
        "src",
        "report",
        "alerts",
        "domain",
        "forecast",
        "lake",
        "traces",
        "platform",
        "producers",
        "consumers",
        "api",
        "client",
        "tests",
    ];
    let files = dirs.into_iter().flat_map(|dir| files_under(&root().join(dir)));
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn every_file_says_first_what_it_is_and_is_short() {
    let sources = sources();
    assert!(sources.len() > 50);
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not say what it is", path.display());
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn what_the_binary_says_does_not_speak_of_make() {
    // Who has the binary alone has no Makefile.
    let verbs = ["setup", "run", "build", "test", "servers", "dashboard"];
    // These are said to who builds and tests.
    let is_ours = |path: &Path| {
        let inside = path.strip_prefix(root()).unwrap();
        let is_said = !inside.starts_with("tests") && !inside.ends_with("build.rs");
        is_said && !inside.starts_with("platform/src/conformance")
    };
    for path in sources().into_iter().filter(|path| is_ours(path)) {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let speaks = verbs.iter().any(|verb| line.contains(&format!("make {verb}")));
            assert!(!speaks, "{}: {line}", path.display());
        }
    }
}
