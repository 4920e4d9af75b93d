//! Which files are a shop's. It looks at names only.

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
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// The folder holds neither of the two files.
    #[error("{} holds neither {customers} nor {purchases} (also .gz, .zst)", dir.display(),
        customers = names(Kind::Customers).join(" or "), purchases = names(Kind::Purchases).join(" or "))]
    NothingFound {
        /// The folder.
        dir: PathBuf,
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
    let mut files = Vec::new();
    for kind in Kind::ALL {
        let candidates = names(kind)
            .into_iter()
            .flat_map(|name| ["", ".gz", ".zst"].map(|ending| format!("{name}{ending}")));
        let mut found = candidates.filter(|name| dir.join(name).is_file()).map(PathBuf::from);
        let Some(first) = found.next() else { continue };
        if let Some(second) = found.next() {
            return Err(FilesError::Ambiguous { dir: dir.to_owned(), kind, first, second });
        }
        files.push(InputFile { kind, path: dir.join(first) });
    }
    if files.is_empty() {
        return Err(FilesError::NothingFound { dir: dir.to_owned() });
    }
    Ok(files)
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
        assert!(missing.contains("clients.csv or customers.csv"), "{missing}");
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
