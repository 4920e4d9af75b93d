//! Which files are a shop's. It looks at names only.

use crate::input::{Input, NamedInput};
use goldstream_domain::column::Kind;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The name under which standard input is given.
pub const STANDARD_INPUT: &str = "-";

/// A file of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// What its rows are.
    pub kind: Kind,
    /// Where it is.
    pub path: PathBuf,
}

/// The files given have no use.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder holds neither of the two files.
    #[error("{} holds neither {customers} nor {purchases} (also .gz, .zst), but {}; other names: --customers \
        FILE, --purchases FILE", dir.display(), entries(found),
        customers = names(Kind::Customers).join(" or "), purchases = names(Kind::Purchases).join(" or "))]
    NothingFound {
        /// The folder.
        dir: PathBuf,
        /// What it holds.
        found: Vec<String>,
    },
    /// The folder cannot be looked at.
    #[error("cannot look into {}: {error}", dir.display())]
    Unreadable {
        /// The folder.
        dir: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// One kind stands there twice.
    #[error("{} holds both {} and {}: give the one that is meant with --{}", dir.display(),
        first.display(), second.display(), kind.name())]
    Ambiguous {
        /// The folder.
        dir: PathBuf,
        /// The kind.
        kind: Kind,
        /// One name.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// There is no such folder.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
    /// Standard input has one content.
    #[error("standard input (-) can be given once only")]
    StandardInputTwice,
}

fn names(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Customers => ["clients.csv", "customers.csv"],
        Kind::Purchases => ["achats.csv", "purchases.csv"],
    }
}

/// The customers' and the purchases' file of a folder; one of them may be missing.
///
/// # Errors
/// [`FilesError`].
pub fn find_in(dir: &Path) -> Result<Vec<InputFile>, FilesError> {
    if !dir.is_dir() {
        return Err(FilesError::NoFolder(dir.to_owned()));
    }
    let found =
        look_into(dir).map_err(|error| FilesError::Unreadable { dir: dir.to_owned(), error })?;
    let mut files = Vec::new();
    for kind in Kind::ALL {
        let mut fitting =
            found.iter().filter(|name| is_named(kind, name) && dir.join(name).is_file());
        let Some(first) = fitting.next().map(PathBuf::from) else { continue };
        if let Some(second) = fitting.next().map(PathBuf::from) {
            return Err(FilesError::Ambiguous { dir: dir.to_owned(), kind, first, second });
        }
        files.push(InputFile { kind, path: dir.join(first) });
    }
    if files.is_empty() {
        let with_slash = |name: String| {
            if dir.join(&name).is_dir() { format!("{name}/") } else { name }
        };
        let found = found.into_iter().map(with_slash).collect();
        return Err(FilesError::NothingFound { dir: dir.to_owned(), found });
    }
    Ok(files)
}

/// The names in a folder, those that are text, in their order.
fn look_into(dir: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let names: Vec<Option<String>> = names.collect::<io::Result<_>>()?;
    let mut names: Vec<String> = names.into_iter().flatten().collect();
    names.sort_unstable();
    Ok(names)
}

/// Whether a file of this name is one of the kind, without regard to case: spreadsheets and people begin names
/// with a capital.
fn is_named(kind: Kind, name: &str) -> bool {
    let name = name.to_lowercase();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    names(kind).contains(&plain)
}

/// Names in a folder, for a sentence.
fn entries(found: &[String]) -> String {
    const SHOWN: usize = 8;
    match found.len().saturating_sub(SHOWN) {
        _ if found.is_empty() => "nothing".to_owned(),
        0 => found.join(", "),
        more => format!("{} and {more} more", found[..SHOWN].join(", ")),
    }
}

/// The files named one by one, customers first, else in the order given. Whether they are there is not looked
/// at: that is told with all else that keeps files from being read.
///
/// # Errors
/// [`FilesError::StandardInputTwice`].
pub fn named(customers: &[PathBuf], purchases: &[PathBuf]) -> Result<Vec<InputFile>, FilesError> {
    let of = |kind, paths: &[PathBuf]| -> Vec<InputFile> {
        paths.iter().map(|path| InputFile { kind, path: path.clone() }).collect()
    };
    let mut files = of(Kind::Customers, customers);
    files.extend(of(Kind::Purchases, purchases));
    let is_piped = |file: &&InputFile| file.path.as_os_str() == STANDARD_INPUT;
    if files.iter().filter(is_piped).count() > 1 {
        return Err(FilesError::StandardInputTwice);
    }
    Ok(files)
}

/// The file under the name that it keeps over restarts.
///
/// # Errors
/// As [`steady`].
pub fn named_input(kind: Kind, path: &Path) -> io::Result<NamedInput> {
    let steady = steady(path)?;
    let key = format!("file:{}", steady.display()).into();
    Ok(NamedInput { kind, key, input: Input::at(&steady) })
}

/// The absolute path under which a file is known, whatever links lead to: a link that is set anew leads to
/// another content of the same input. Only what stands before `..` is resolved, for there it matters.
///
/// # Errors
/// Where that cannot be resolved.
pub fn steady(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let parts: Vec<Component<'_>> = absolute.components().collect();
    let Some(last) = parts.iter().rposition(|part| *part == Component::ParentDir) else {
        return Ok(parts.iter().collect());
    };
    let (before, behind) = parts.split_at(last + 1);
    let resolved = before.iter().collect::<PathBuf>().canonicalize()?;
    Ok(resolved.join(behind.iter().collect::<PathBuf>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::write;

    #[test]
    fn a_folder_gives_its_files_customers_first_also_compressed() {
        let dir = tempfile::tempdir().unwrap();
        let missing = find_in(dir.path()).unwrap_err().to_string();
        assert!(
            missing.contains("clients.csv or customers.csv") && missing.contains("but nothing"),
            "{missing}"
        );
        write(dir.path().join("orders.csv"), "").unwrap();
        std::fs::create_dir(dir.path().join("achats.csv")).unwrap();
        let missing = find_in(dir.path()).unwrap_err().to_string();
        assert!(missing.contains("but achats.csv/, orders.csv;"), "{missing}");
        write(dir.path().join("Purchases.CSV"), "").unwrap();
        assert_eq!(find_in(dir.path()).unwrap()[0].path.file_name().unwrap(), "Purchases.CSV");
        std::fs::remove_file(dir.path().join("Purchases.CSV")).unwrap();
        write(dir.path().join("achats.csv.zst"), "").unwrap();
        write(dir.path().join("customers.csv"), "").unwrap();
        let files = find_in(dir.path()).unwrap();
        let names: Vec<_> = files.iter().map(|f| f.path.file_name().unwrap()).collect();
        assert_eq!(names, ["customers.csv", "achats.csv.zst"]);
        write(dir.path().join("clients.csv"), "").unwrap();
        assert!(matches!(find_in(dir.path()), Err(FilesError::Ambiguous { .. })));
        assert!(matches!(find_in(&dir.path().join("no")), Err(FilesError::NoFolder(_))));
    }

    #[test]
    fn a_file_is_known_by_its_path_and_not_by_where_links_lead() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        std::fs::create_dir(dir.join("v1")).unwrap();
        write(dir.join("v1/achats.csv"), "").unwrap();
        std::os::unix::fs::symlink(dir.join("v1"), dir.join("now")).unwrap();
        assert_eq!(steady(&dir.join("now/achats.csv")).unwrap(), dir.join("now/achats.csv"));
        assert_eq!(steady(&dir.join("v1/./../v1/achats.csv")).unwrap(), dir.join("v1/achats.csv"));
        assert!(steady(Path::new("achats.csv")).unwrap().is_absolute());
    }
}
