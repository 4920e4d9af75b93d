//! Files that have moved: one that is not known by its path, and begins with all that was read of a source whose
//! own path does not lead to that any more, is that source. Must not decide what is read of it.

use crate::input::{Input, NamedInput};
use crate::prefix::matching;
use goldstream_domain::chain::SourceId;
use goldstream_platform::store::SourceCheckpoint;
use std::io;
use std::path::Path;

/// What names of files begin with.
pub(crate) const FILE: &str = "file:";

/// A source that the store knows.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) key: SourceId,
    pub(crate) checkpoint: SourceCheckpoint,
}

/// The source that the file was under another path; of several the one of which most was read.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn find(named: &NamedInput, known: Vec<Known>) -> io::Result<Option<SourceId>> {
    let size_bytes = match &named.input {
        Input::Plain(_) => named.input.size_bytes(),
        // How much is in it is seen when it is read.
        Input::Packed(..) => u64::MAX,
        // No other has its bytes.
        Input::Piped(_) | Input::Made(_) => return Ok(None),
    };
    let mut known: Vec<_> = known
        .into_iter()
        .filter(|known| known.checkpoint.rows > 0 && known.checkpoint.bytes <= size_bytes)
        .collect();
    known.sort_by_key(|known| known.checkpoint.bytes);
    let fit = matches(&named.input, &known)?;
    let moved = known.iter().zip(fit).rev().find(|(known, fits)| *fits && !stands_there(known));
    Ok(moved.map(|(known, _)| SourceId::clone(&known.key)))
}

/// Of which ones the input begins with all that was read. They are in the order of how much that is.
fn matches(input: &Input, known: &[Known]) -> io::Result<Vec<bool>> {
    let ends: Vec<u64> = known.iter().map(|known| known.checkpoint.bytes).collect();
    let hashes = matching(input.open()?.bytes, &ends)?;
    let fits = |(known, hash): (&Known, &Option<String>)| {
        hash.as_ref() == Some(&known.checkpoint.prefix_hash)
    };
    Ok(known.iter().zip(&hashes).map(fits).collect())
}

/// Whether its own path leads to what was read of it still: then this is a copy, and a file of its own.
fn stands_there(known: &Known) -> bool {
    let Some(path) = known.key.strip_prefix(FILE).map(Path::new) else { return true };
    if !path.is_file() {
        return false;
    }
    // What cannot be looked at may be there still.
    matches(&Input::at(path), std::slice::from_ref(known)).map_or(true, |fits| fits == [true])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefix::Prefix;
    use goldstream_domain::column::Kind;
    use std::fs::write;

    const TEXT: &str = "id_achat,id_client,date_achat,montant,produit\n1,7,2024-03-01,1,a\n";

    fn known(path: &Path, text: &str) -> Known {
        let mut prefix = Prefix::default();
        prefix.take(text.as_bytes(), text.len() as u64);
        let checkpoint = SourceCheckpoint {
            rows: 1,
            bytes: text.len() as u64,
            prefix_hash: prefix.rows_hash(),
            ..SourceCheckpoint::default()
        };
        Known { key: format!("{FILE}{}", path.display()).into(), checkpoint }
    }

    fn found(path: &Path, known: &[Known]) -> Option<String> {
        let named =
            NamedInput { kind: Kind::Purchases, key: "file:/new".into(), input: Input::at(path) };
        find(&named, known.to_vec()).unwrap().map(|key| key.to_string())
    }

    #[test]
    fn a_file_is_the_source_that_it_begins_with_unless_that_stands_where_it_stood() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old.csv"), dir.path().join("new.csv"));
        let longer = format!("{TEXT}2,7,2024-03-01,1,a\n");
        let [short, long, other] = [
            known(&old, TEXT),
            known(&dir.path().join("longer.csv"), &longer),
            known(&dir.path().join("other.csv"), &TEXT.replace('7', "8")),
        ];
        write(&new, format!("{longer}3,7,2024-03-01,1,a\n")).unwrap();
        assert_eq!(found(&new, std::slice::from_ref(&other)), None);
        assert_eq!(found(&new, &[short.clone(), other.clone()]), Some(short.key.to_string()));
        let all = [long.clone(), other, short.clone()];
        assert_eq!(found(&new, &all), Some(long.key.to_string()), "most was read of it");
        write(&new, TEXT).unwrap();
        assert_eq!(found(&new, &all), Some(short.key.to_string()), "the other one is longer");
        write(&old, TEXT).unwrap();
        assert_eq!(found(&new, &all), None, "a copy");
        write(&old, TEXT.replace('7', "9")).unwrap();
        assert_eq!(found(&new, &all), Some(short.key.to_string()), "another stands there now");
    }
}
