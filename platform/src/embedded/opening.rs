//! Opening the file: which generations it has, and what stands in them. Where it was made by an older version,
//! the next generation is begun, in the transaction in which that is seen.

use super::damage::caught;
use super::error::OpenError;
use super::file::{self, FILE_NAME, File, FileError, Place, Write};
use super::images::Images;
use super::left_behind::remove_left_behind;
use super::partitions::Partitions;
use super::shared::State;
use crate::clock::now_ms;
use crate::generations::{Generation, Generations, KEEP_OLD_MS, Kept, Refusal, Wanted};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// Names in the file of what is known of it as a whole. `topology` is of the served generation.
const TOPOLOGY: &str = "topology";
const SERVED: &str = "generation";
const NEXT: &str = "next_generation";
const KEPT: &str = "kept_generation";
const RETURNING: &str = "returning_until_ms";
const KEEP_OLD: &str = "keep_old_ms";
const STALE: &str = "stale_generations";
const WRITTEN_BY: &str = "written_by";

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What is served.
    pub served: Generation,
    /// What is being folded beside it.
    pub next: Option<Generation>,
    /// What was served before, and may be again.
    pub kept: Option<Kept>,
    /// The version that opened it last.
    pub written_by: String,
}

/// What the file in a directory says of itself, whichever version wrote it. It is only looked at.
///
/// # Errors
/// [`OpenError`]: it is in use, or cannot be read.
pub fn look(dir: &Path) -> Result<Stored, OpenError> {
    let unusable = |error: FileError| opening_failed(dir, error);
    let file = caught(|| file::open(&dir.join(FILE_NAME), Place::Memory)).map_err(unusable)?;
    let stored = caught(|| stored(&file)).map_err(unusable)?;
    let nothing = || FileError::Damaged("it does not say what it holds".to_owned());
    let Generations { served, next, kept, .. } = stored.ok_or_else(nothing).map_err(unusable)?;
    Ok(Stored { served, next, kept, written_by: written_by(&file) })
}

fn opening_failed(dir: &Path, error: FileError) -> OpenError {
    match error {
        FileError::Redb(error) if matches!(*error, redb::Error::DatabaseAlreadyOpen) => {
            OpenError::InUse(dir.to_owned())
        }
        error => OpenError::Unusable { path: dir.to_owned(), reason: error.to_string() },
    }
}

/// Opens the file in a directory, which is made if there is none.
pub(super) fn open(
    (dir, place): (&Path, Place),
    wanted: Wanted,
) -> Result<(File, State), OpenError> {
    let failed = |error| opening_failed(dir, error);
    if let Place::File = place {
        let unusable = |error: std::io::Error| OpenError::Unusable {
            path: dir.to_owned(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(dir).map_err(unusable)?;
    }
    let file = caught(|| file::open(&dir.join(FILE_NAME), place)).map_err(failed)?;
    if let Place::File = place {
        remove_left_behind(dir);
    }
    let stored = caught(|| stored(&file)).map_err(failed)?;
    let opened = match stored.clone() {
        None => Generations::first(wanted),
        Some(generations) => {
            generations.opened(wanted, now_ms()).map_err(|refusal| match refusal {
                Refusal::Newer(logic_version) => OpenError::Newer {
                    path: dir.to_owned(),
                    logic_version,
                    written_by: written_by(&file),
                },
                Refusal::Other(topologies) => {
                    let (stored, wanted) = *topologies;
                    OpenError::OtherTopology { path: dir.to_owned(), stored, wanted }
                }
            })?
        }
    };
    let state = caught(|| load(&file, stored.as_ref(), opened)).map_err(failed)?;
    Ok((file, state))
}

fn load(
    file: &File,
    stored: Option<&Generations>,
    mut generations: Generations,
) -> Result<State, FileError> {
    let is_new = stored != Some(&generations) || !generations.stale.is_empty();
    if is_new || written_by(file) != env!("CARGO_PKG_VERSION") {
        let write = file.begin_write()?;
        clean(&write, &mut generations)?;
        write.commit()?;
    }
    let numbers = generations.numbers();
    let partitions = generations.served.topology.partitions;
    Ok(State {
        partitions: Partitions::load(file, partitions, &numbers)?,
        images: Images::load(file, &numbers)?,
        feeds: numbers
            .into_iter()
            .map(|number| (number, Default::default()))
            .collect::<BTreeMap<_, _>>(),
        generations,
        asked: None,
        waiters: Vec::new(),
        unflushed_since: None,
        failure: None,
        closing: false,
    })
}

/// Removes what is nobody's any more, and says what there is.
pub(super) fn clean(write: &Write, generations: &mut Generations) -> Result<(), FileError> {
    for number in generations.stale.drain(..) {
        write.remove(number)?;
    }
    store(write, generations)
}

/// Says in the file which generations it has.
pub(super) fn store(write: &Write, generations: &Generations) -> Result<(), FileError> {
    let Generations { served, next, kept, returning_until_ms, keep_old_ms, stale } = generations;
    put(write, TOPOLOGY, &served.topology)?;
    put(write, SERVED, &served.number)?;
    put(write, NEXT, next)?;
    put(write, KEPT, kept)?;
    put(write, RETURNING, returning_until_ms)?;
    put(write, KEEP_OLD, keep_old_ms)?;
    put(write, STALE, stale)?;
    write.put_meta(WRITTEN_BY, env!("CARGO_PKG_VERSION"))
}

fn put(write: &Write, name: &str, value: &impl Serialize) -> Result<(), FileError> {
    write.put_meta(name, &serde_json::to_string(value)?)
}

/// The generations that the file has; none where it is new. One of before there were any has the first.
fn stored(file: &File) -> Result<Option<Generations>, FileError> {
    let Some(topology) = read(file, TOPOLOGY)? else { return Ok(None) };
    let number = read(file, SERVED)?.unwrap_or_default();
    Ok(Some(Generations {
        served: Generation::new(number, topology),
        next: read(file, NEXT)?.flatten(),
        kept: read(file, KEPT)?.flatten(),
        returning_until_ms: read(file, RETURNING)?.flatten(),
        keep_old_ms: read(file, KEEP_OLD)?.unwrap_or(KEEP_OLD_MS),
        stale: read(file, STALE)?.unwrap_or_default(),
    }))
}

fn read<T: DeserializeOwned>(file: &File, name: &str) -> Result<Option<T>, FileError> {
    Ok(file.meta(name)?.map(|json| serde_json::from_str(&json)).transpose()?)
}

fn written_by(file: &File) -> String {
    let known = file.meta(WRITTEN_BY).ok().flatten();
    known.unwrap_or_else(|| "of an unknown version".to_owned())
}
