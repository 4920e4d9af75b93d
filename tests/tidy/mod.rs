//! What keeps the house tidy: files know each other in one direction. It looks at the sources, and builds nothing.

mod dashboard;
mod documents;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file of a crate, as the module that it is.
type Module = Vec<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folders of sources, of each crate.
fn crates() -> BTreeMap<String, PathBuf> {
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let folders = entries.filter(|path| path.join("src/lib.rs").is_file());
    let named = folders
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path.join("src")));
    named.chain([("the binary".to_owned(), root().join("src"))]).collect()
}

/// Folders that are made, or not ours.
const PASSED_OVER: [&str; 5] = [".git", "target", "node_modules", "dist", "test-results"];

/// All files under a folder.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(dir) = open.pop() {
        for path in std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()) {
            if !path.is_dir() {
                found.push(path);
            } else if !PASSED_OVER.iter().any(|name| path.ends_with(name)) {
                open.push(path);
            }
        }
    }
    found
}

/// A file inside of a folder, by the parts of its path.
fn parts(inside: &Path) -> Module {
    inside.iter().map(|part| part.to_string_lossy().into_owned()).collect()
}

/// The files of a crate but those of tests, as modules.
fn modules(folder: &Path) -> BTreeMap<Module, PathBuf> {
    let module = |path: PathBuf| {
        let mut module = parts(&path.strip_prefix(folder).unwrap().with_extension(""));
        let stands_alone = module.len() == 1;
        module.pop_if(|last| last == "mod" || (stands_alone && is_root(last)));
        let is_test = |part: &String| part == "tests" || part.ends_with("_tests");
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        (is_rust && !module.iter().any(is_test)).then_some((module, path))
    };
    files_under(folder).into_iter().filter_map(module).collect()
}

fn is_root(name: &str) -> bool {
    name == "lib" || name == "main"
}

/// Of each file those that it uses.
fn arrows(modules: &BTreeMap<Module, PathBuf>) -> BTreeMap<Module, BTreeSet<Module>> {
    let of = |(module, path): (&Module, &PathBuf)| {
        let text = std::fs::read_to_string(path).unwrap();
        let used = uses::paths(&text);
        let used = used.iter().filter_map(|path| uses::file_of(path, module, modules));
        (module.clone(), used.filter(|used| used != module).collect())
    };
    modules.iter().map(of).collect()
}

/// What can be reached from a file.
fn reached(from: &Module, arrows: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        for used in arrows.get(module).into_iter().flatten() {
            if reached.insert(used.clone()) {
                open.push(used);
            }
        }
    }
    reached
}

/// Files that use each other, all of one circle together.
fn circles(arrows: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Vec<Module>> {
    let reach: BTreeMap<_, _> = arrows.keys().map(|from| (from, reached(from, arrows))).collect();
    let circle = |module: &&Module| -> Vec<Module> {
        let back = reach[*module].iter().filter(|other| reach[other].contains(*module));
        back.cloned().collect()
    };
    let looping = arrows.keys().filter(|module| reach[module].contains(*module));
    looping.map(|module| circle(&module)).collect()
}

fn name(module: &Module) -> String {
    if module.is_empty() { "its root".to_owned() } else { module.join("::") }
}

#[test]
fn files_of_a_crate_use_each_other_in_one_direction() {
    for (of, folder) in crates() {
        let modules = modules(&folder);
        assert!(!modules.is_empty(), "{of}");
        let circles = circles(&arrows(&modules));
        let told = |circle: &Vec<Module>| circle.iter().map(name).collect::<Vec<_>>().join(", ");
        let told: Vec<_> = circles.iter().map(told).collect();
        assert!(told.is_empty(), "files of {of} use each other in circles: {told:#?}");
    }
}

#[test]
fn a_circle_is_found_and_so_is_each_file_of_it() {
    let arrow = |(from, to): (&str, &[&str])| {
        let to = to.iter().map(|to| vec![(*to).to_owned()]).collect();
        (vec![from.to_owned()], to)
    };
    let arrows: BTreeMap<Module, BTreeSet<Module>> =
        [("a", &["b"][..]), ("b", &["c", "d"]), ("c", &["a"]), ("d", &[])].map(arrow).into();
    let found: Vec<_> = circles(&arrows).into_iter().collect();
    assert_eq!(
        found,
        [[["a"], ["b"], ["c"]].map(|name| name.map(str::to_owned).to_vec()).to_vec()]
    );
}
