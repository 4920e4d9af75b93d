//! Which files are a shop's. It looks at names only.

use goldstream_domain::column::Kind;
use std::path::{Path, PathBuf};

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
    #[error("{} holds neither {customers} nor {purchases} (also .zst)", dir.display(),
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
    /// There is no such file.
    #[error("{} is no file", .0.display())]
    NoFile(PathBuf),
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
        let candidates =
            names(kind).into_iter().flat_map(|name| [name.to_owned(), format!("{name}.zst")]);
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

/// The files named one by one, customers first, else in the order given.
///
/// # Errors
/// [`FilesError::NoFile`].
pub fn named(customers: &[PathBuf], purchases: &[PathBuf]) -> Result<Vec<InputFile>, FilesError> {
    let of = |kind, paths: &[PathBuf]| -> Vec<InputFile> {
        paths.iter().map(|path| InputFile { kind, path: path.clone() }).collect()
    };
    let mut files = of(Kind::Customers, customers);
    files.extend(of(Kind::Purchases, purchases));
    match files.iter().find(|file| !file.path.is_file()) {
        Some(missing) => Err(FilesError::NoFile(missing.path.clone())),
        None => Ok(files),
    }
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
    fn a_named_file_must_exist() {
        assert!(matches!(named(&["/no/such".into()], &[]), Err(FilesError::NoFile(_))));
    }
}
