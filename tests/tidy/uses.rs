//! The paths that a file of Rust names, by its text: what stands behind `use`, and what is named in full. Tests in the
//! file do not count.

use super::Module;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// All paths of a file, as their parts.
pub(super) fn paths(text: &str) -> Vec<Vec<String>> {
    let tokens = without_tests(&tokens(text));
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "use" {
            at = tree(&tokens, at + 1, &[], &mut paths);
            continue;
        }
        // `pub(in PATH)` says who may use this, not what this uses.
        let goes_on = at > 0 && ["::", "in"].contains(&&*tokens[at - 1]);
        let begins = is_name(&tokens[at]) && !goes_on;
        let mut path = vec![tokens[at].clone()];
        while begins && at + 2 < tokens.len() && tokens[at + 1] == "::" && is_name(&tokens[at + 2])
        {
            path.push(tokens[at + 2].clone());
            at += 2;
        }
        if path.len() > 1 {
            paths.push(path);
        }
        at += 1;
    }
    paths
}

/// The file that a path leads to, as seen from this one; none outside of its crate.
pub(super) fn file_of(
    path: &[String],
    from: &Module,
    modules: &BTreeMap<Module, PathBuf>,
) -> Option<Module> {
    let (mut at, mut rest) = (from.clone(), path);
    match &*path[0] {
        "crate" => (at, rest) = (Module::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        child => {
            at.push(child.to_owned());
            modules.get(&at)?;
            rest = &path[1..];
        }
    }
    for part in rest {
        let mut deeper = at.clone();
        deeper.push(part.clone());
        if !modules.contains_key(&deeper) {
            break;
        }
        at = deeper;
    }
    modules.contains_key(&at).then_some(at)
}

/// The paths of a tree of `use`; gives where it ends.
fn tree(
    tokens: &[String],
    mut at: usize,
    before: &[String],
    paths: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = before.to_vec();
    while at < tokens.len() {
        match &*tokens[at] {
            "{" => loop {
                at = tree(tokens, at + 1, &path, paths);
                match tokens.get(at).map(String::as_str) {
                    Some(",") => {}
                    // Behind the brace a list or the statement goes on.
                    _ => return at + 1,
                }
            },
            "," | "}" | ";" => break,
            "as" => at += 1,
            name if is_name(name) => path.push(name.to_owned()),
            _ => {}
        }
        at += 1;
    }
    if path.len() > before.len() {
        paths.push(path);
    }
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Names and signs, without comments and texts.
fn tokens(text: &str) -> Vec<String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            // A quote that is a character begins no text.
            '\'' if rest.starts_with("'\"'") => (3, false),
            'r' if rest.starts_with("r#\"") => (behind(rest, "\"#"), false),
            '"' => (text_length(rest), false),
            ':' if rest.starts_with("::") => (2, true),
            _ if first.is_alphanumeric() || first == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                (end.unwrap_or(rest.len()), true)
            }
            _ => (first.len_utf8(), !first.is_whitespace()),
        };
        if is_token {
            tokens.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    tokens
}

fn behind(rest: &str, end: &str) -> usize {
    rest.find(end).map_or(rest.len(), |at| at + end.len())
}

/// How long a text in quotes is.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Without what is built for tests alone.
fn without_tests(tokens: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().map(String::as_str).take(MARK.len()).eq(MARK) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at = end_of_item(tokens, at + MARK.len());
    }
    kept
}

/// Behind the item that begins there: a statement, or a block.
fn end_of_item(tokens: &[String], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < tokens.len() {
        match &*tokens[at] {
            "{" => depth += 1,
            "}" if depth <= 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}

#[test]
fn paths_are_found_behind_use_and_where_they_are_named_in_full() {
    let text = "
        use super::b::{self, C, d::{E, F as G}};
        pub use crate::h::I; // use crate::no::Comment;
        pub(in crate::no) const A: u8 = 1;
        fn f() { child::g('\"', \"use crate::no::Text;\"); crate::j::K::new(); a.b::<C>(); }
        #[cfg(test)]
        mod tests { use crate::no::Test; }
        #[cfg(test)]
        mod other;
        use crate::last::L;
    ";
    let found: Vec<_> = paths(text).iter().map(|path| path.join("::")).collect();
    let all = [
        "super::b::self",
        "super::b::C",
        "super::b::d::E",
        "super::b::d::F",
        "crate::h::I",
        "child::g",
        "crate::j::K::new",
        "crate::last::L",
    ];
    assert_eq!(found, all);
}

#[test]
fn a_path_leads_to_the_deepest_file_that_it_names() {
    let module = |text: &str| -> Module {
        text.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let modules = ["", "a", "a::b", "c"].map(|name| (module(name), PathBuf::new())).into();
    for (path, from, to) in [
        ("crate::a::b::X", "c", Some("a::b")),
        ("crate::a::X", "c", Some("a")),
        ("super::X", "a::b", Some("a")),
        ("super::super::c::f", "a::b", Some("c")),
        ("b::f", "a", Some("a::b")),
        ("std::fmt", "a", None),
    ] {
        assert_eq!(file_of(&module(path), &module(from), &modules), to.map(module), "{path}");
    }
}
