//! The documents as a reader has them: their pages and the code blocks on them. It runs none of them.

use std::path::Path;

/// A code block.
pub(crate) struct Block {
    /// What stands behind its fence; empty where nothing does.
    pub(crate) language: String,
    pub(crate) text: String,
}

/// The names of all pages.
pub(crate) fn names() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = Vec::new();
    for folder in ["", "docs/"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                names.push(format!("{folder}{name}"));
            }
        }
    }
    names.sort();
    names
}

/// The text of a page.
pub(crate) fn text(page: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("there is no {page}: {error}"))
}

/// The code blocks of a text, in their order.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push(Block { language: language.trim().to_owned(), text: block.join("\n") });
    }
    found
}

/// The blocks of one language on a page.
pub(crate) fn blocks_in(page: &str, language: &str) -> Vec<String> {
    let blocks = blocks(&text(page)).into_iter().filter(|block| block.language == language);
    let found: Vec<_> = blocks.map(|block| block.text).collect();
    assert!(!found.is_empty(), "{page} has an example in {language}");
    found
}

/// The one block of that language.
pub(crate) fn block(page: &str, language: &str) -> String {
    let mut found = blocks_in(page, language);
    assert_eq!(found.len(), 1, "{page} has one example in {language}");
    found.remove(0)
}

/// The commands in the `sh` blocks of a text, without what is remarked behind them.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let blocks = blocks(text).into_iter().filter(|block| block.language == "sh");
    let lines: Vec<String> =
        blocks.flat_map(|it| it.text.lines().map(bare).collect::<Vec<_>>()).collect();
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

/// Those that name this program.
pub(crate) fn commands_of(page: &str, program: &str) -> Vec<String> {
    let all = commands(&text(page)).into_iter();
    let found: Vec<_> = all.filter(|line| program_of(line) == program).collect();
    assert!(!found.is_empty(), "{page} has an example with {program}");
    found
}

/// The program that a command names.
pub(crate) fn program_of(command: &str) -> &str {
    command.split_whitespace().next().unwrap_or_default()
}

fn bare(line: &str) -> String {
    let line = if line.starts_with('#') { "" } else { line };
    line.split_once(" #").map_or(line, |(command, _)| command).trim().to_owned()
}

#[test]
fn commands_are_found_in_sh_blocks_only() {
    let text = "goldstream no\n```sh\n# a remark\ngoldstream run shop   # live\nmake run\n\n\
                goldstream verify\n```\n```text\ngoldstream no\n```\n```sh\ngoldstream status\n```\n";
    let expected = ["goldstream run shop", "make run", "goldstream verify", "goldstream status"];
    assert_eq!(commands(text), expected);
    assert_eq!(program_of("make run"), "make");
}
