//! What the files of the page import of each other, by their text. Tests do not count.

use super::{Module, circles, files_under, parts, root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> BTreeMap<Module, PathBuf> {
    let is_ours = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".svelte") || (name.ends_with(".ts") && !name.ends_with(".test.ts"))
    };
    let ours = files_under(folder).into_iter().filter(is_ours);
    ours.map(|path| (parts(path.strip_prefix(folder).unwrap()), path)).collect()
}

/// What stands behind `from` and `import` and is a file of the page.
fn imports(text: &str) -> Vec<&str> {
    let marks = ["from '", "from \"", "import '", "import \"", "import('", "import(\""];
    let behind = |mark: &'static str| text.split(mark).skip(1);
    let named =
        marks.into_iter().flat_map(behind).filter_map(|rest| rest.split(['\'', '"']).next());
    named.filter(|name| name.starts_with('.')).collect()
}

/// The file that an import of this one means.
fn file_of(name: &str, from: &Module, files: &BTreeMap<Module, PathBuf>) -> Option<Module> {
    let mut at = from[..from.len() - 1].to_vec();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(at.pop()),
            part => at.push(part.to_owned()),
        }
    }
    let last = at.pop()?;
    let candidates = [last.clone(), format!("{last}.ts"), last.replace(".js", ".ts")];
    let mut meant = candidates.into_iter().map(|last| [at.clone(), vec![last]].concat());
    meant.find(|module| files.contains_key(module))
}

#[test]
fn files_of_the_page_import_each_other_in_one_direction() {
    let files = files(&root().join("dashboard/src"));
    let mut missing = Vec::new();
    let mut imported = |(module, path): (&Module, &PathBuf)| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut used = BTreeSet::new();
        for name in imports(&text) {
            match file_of(name, module, &files) {
                Some(file) => drop(used.insert(file)),
                None => missing.push(format!("{}: {name}", path.display())),
            }
        }
        (module.clone(), used)
    };
    let arrows: BTreeMap<_, _> = files.iter().map(&mut imported).collect();
    let known: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(files.len() > 100 && known > 200, "{} files, {known} imports", files.len());
    let is_data =
        |import: &String| [".css", ".json", "?raw"].iter().any(|end| import.ends_with(end));
    missing.retain(|import| !is_data(import));
    assert!(missing.is_empty(), "these imports lead to no file: {missing:#?}");
    let circles = circles(&arrows);
    assert!(circles.is_empty(), "files of the page import each other in circles: {circles:#?}");
}
