//! What documents name: links and anchors lead somewhere, and files that are named are there.

use super::{files_under, root};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Endings of files of ours that documents name.
const ENDINGS: [&str; 7] = [".rs", ".ts", ".svelte", ".sh", ".lua", ".py", ".md"];

fn documents() -> Vec<PathBuf> {
    let folders = [root().to_owned(), root().join("docs")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

/// All files of the project, as documents name them.
fn files() -> BTreeSet<String> {
    let inside = |path: &PathBuf| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    files_under(root()).iter().map(inside).collect()
}

/// Targets of `[…](…)`, but for those of other hosts and of a running goldstream.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    targets.filter(|target| !target.contains("://") && !target.starts_with(['/', '<'])).collect()
}

/// Files with a folder that stand between backticks.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_file = |text: &&str| {
        let is_path = text.contains('/') && !text.starts_with(['/', '.', '~']);
        let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        is_path && is_plain && ENDINGS.iter().any(|ending| text.ends_with(ending))
    };
    quoted.filter(is_file).collect()
}

/// As a heading is called in a link: its letters, digits and dashes, in lower case.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn has_anchor(document: &Path, wanted: &str) -> bool {
    let text = std::fs::read_to_string(document).unwrap();
    text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == wanted)
}

/// Why a link of a document leads nowhere.
fn objection(document: &Path, link: &str) -> Option<String> {
    let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.to_owned(),
        path => document.parent().unwrap().join(path),
    };
    let reason = match () {
        () if !target.exists() => "leads to nothing",
        () if !wanted.is_empty() && !has_anchor(&target, wanted) => "has no such heading",
        () => return None,
    };
    Some(format!("{}: {link} {reason}", document.display()))
}

#[test]
fn links_of_documents_lead_somewhere() {
    let (mut objections, mut looked_at) = (Vec::new(), 0);
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let links = links(&text);
        looked_at += links.len();
        objections.extend(links.into_iter().filter_map(|link| objection(&document, link)));
    }
    assert!(looked_at > 50, "{looked_at} links");
    assert!(objections.is_empty(), "{objections:#?}");
}

#[test]
fn files_that_documents_name_are_there() {
    let files = files();
    // In a section about a crate its folder goes without saying.
    let is_there = |name: &str| {
        files.contains(name) || files.iter().any(|file| file.ends_with(&format!("/{name}")))
    };
    let (mut gone, mut looked_at) = (Vec::new(), 0);
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for name in named(&text) {
            looked_at += 1;
            if !is_there(name) {
                gone.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(looked_at > 50, "{looked_at} names");
    assert!(gone.is_empty(), "these files are named and not there: {gone:#?}");
}

#[test]
fn every_document_is_reached_from_the_readme() {
    let reached_from = |document: &Path| {
        let text = std::fs::read_to_string(document).unwrap();
        let folder = document.parent().unwrap();
        let targets = links(&text).into_iter().filter_map(|link| link.split('#').next());
        let targets = targets.filter(|target| target.ends_with(".md"));
        targets.map(|target| folder.join(target).canonicalize().unwrap()).collect::<Vec<_>>()
    };
    let readme = root().join("README.md").canonicalize().unwrap();
    let (mut reached, mut open) = (BTreeSet::from([readme.clone()]), vec![readme]);
    while let Some(document) = open.pop() {
        for target in reached_from(&document) {
            if reached.insert(target.clone()) {
                open.push(target);
            }
        }
    }
    let all = documents().into_iter().map(|path| path.canonicalize().unwrap());
    let lost: Vec<_> = all.filter(|document| !reached.contains(document)).collect();
    assert!(lost.is_empty(), "no link leads to {lost:?}");
}
