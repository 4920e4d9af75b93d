//! Names of consumers that outlive their process: a restarted one takes its predecessor's name and
//! so its partitions at once. A lock on a file says which names of this host are taken; the system
//! frees it with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Consumers of one role on one host.
const INSTANCES_MAX: u32 = 1000;

/// How consumers are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instances {
    /// `HOST-ROLE-N`, N the lowest whose lock file in `dir` is free.
    Lowest {
        /// Of this machine.
        host: String,
        /// Where the lock files are.
        dir: PathBuf,
    },
    /// The name that the user gave.
    Named(String),
}

/// A name while it is taken.
#[derive(Debug)]
pub struct Instance {
    name: String,
    /// Freed when it is closed.
    _lock: Option<File>,
}

impl Instance {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Instances {
    /// The given name, or the lowest free one of this host.
    #[must_use]
    pub fn new(given: Option<&str>) -> Self {
        match given {
            Some(name) => Self::Named(name.to_owned()),
            None => Self::Lowest { host: host(), dir: directory() },
        }
    }

    /// Takes a name for a consumer of `role`. None where no lock can be had: the consumer is then a
    /// member without a name, whose successor waits for the end of its session.
    #[must_use]
    pub fn take(&self, prefix: &str, role: &str) -> Option<Instance> {
        match self {
            // It is taken whoever has it; locked, so that nobody takes it for one whose process has died.
            Self::Named(name) => {
                let lock = lock(&directory(), prefix, name);
                Some(Instance { name: name.clone(), _lock: lock.ok() })
            }
            Self::Lowest { host, dir } => match lowest(dir, prefix, &format!("{host}-{role}")) {
                Ok(instance) => Some(instance),
                Err(error) => {
                    tracing::warn!(%error, dir = %dir.display(), "no instance name can be locked");
                    None
                }
            },
        }
    }
}

impl Instances {
    /// Whether a member of this name is one that died on this host, or whose place this process takes.
    #[must_use]
    pub fn is_left_behind(&self, prefix: &str, name: &str) -> bool {
        match self {
            Self::Named(own) => own == name,
            Self::Lowest { .. } => self.take_left_behind(prefix, name).is_some(),
        }
    }

    /// The name of one that died on this host, which nobody else has from then on. A given name is never taken: who
    /// may have it is not known here.
    #[must_use]
    pub fn take_left_behind(&self, prefix: &str, name: &str) -> Option<Instance> {
        let Self::Lowest { host, dir } = self else { return None };
        if !name.starts_with(&format!("{host}-")) {
            return None;
        }
        let file = File::open(lock_path(dir, prefix, name)).ok()?;
        file.try_lock().ok()?;
        Some(Instance { name: name.to_owned(), _lock: Some(file) })
    }
}

/// One place for all processes of the host, whatever directory they run in.
fn directory() -> PathBuf {
    std::env::temp_dir().join("goldstream-instances")
}

/// The lock of a name, where nobody has it.
fn lock(dir: &Path, prefix: &str, name: &str) -> io::Result<File> {
    std::fs::create_dir_all(dir)?;
    let path = lock_path(dir, prefix, name);
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    file.try_lock()?;
    Ok(file)
}

fn lock_path(dir: &Path, prefix: &str, name: &str) -> PathBuf {
    dir.join(format!("{prefix}.{name}.lock"))
}

fn lowest(dir: &Path, prefix: &str, stem: &str) -> io::Result<Instance> {
    std::fs::create_dir_all(dir)?;
    for number in 1..=INSTANCES_MAX {
        let name = format!("{stem}-{number}");
        let path = lock_path(dir, prefix, &name);
        // Another user's file may not be opened: his consumer has the name.
        let Ok(file) = OpenOptions::new().create(true).append(true).open(&path) else { continue };
        match file.try_lock() {
            Ok(()) => return Ok(Instance { name, _lock: Some(file) }),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{INSTANCES_MAX} consumers run already")))
}

/// The name of this machine in characters that Kafka takes.
#[must_use]
pub fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::env::var("HOSTNAME").or_else(|_| std::env::var("HOST")));
    let name = name.unwrap_or_default();
    let legal = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
    let name: String = name.trim().chars().map(legal).collect();
    if name.is_empty() { "host".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_consumer_gets_the_lowest_name_that_is_free() {
        let dir = tempfile::tempdir().unwrap();
        let instances = Instances::Lowest { host: "h".to_owned(), dir: dir.path().to_owned() };
        let take = |role| instances.take("shop", role).unwrap();
        let first = take("silver");
        let second = take("silver");
        assert_eq!((first.name(), second.name()), ("h-silver-1", "h-silver-2"));
        assert_eq!(take("gold").name(), "h-gold-1");
        drop(first);
        assert_eq!(take("silver").name(), "h-silver-1");
        assert_eq!(instances.take("other", "silver").unwrap().name(), "h-silver-1");
    }

    #[test]
    fn a_name_whose_lock_is_free_was_left_behind_by_a_dead_process() {
        let dir = tempfile::tempdir().unwrap();
        let instances = Instances::Lowest { host: "h".to_owned(), dir: dir.path().to_owned() };
        let taken = instances.take("shop", "silver").unwrap();
        assert!(!instances.is_left_behind("shop", "h-silver-1"), "it lives");
        drop(taken);
        assert!(instances.is_left_behind("shop", "h-silver-1"));
        assert!(!instances.is_left_behind("shop", "h-silver-2"), "it never was");
        assert!(!instances.is_left_behind("shop", "other-silver-1"), "it is of another host");
        let named = Instances::Named("eve".to_owned());
        assert!(named.is_left_behind("shop", "eve") && !named.is_left_behind("shop", "adam"));
    }

    #[test]
    fn a_given_name_is_taken_as_it_is() {
        assert_eq!(Instances::new(Some("eve")).take("shop", "gold").unwrap().name(), "eve");
    }

    #[test]
    fn where_no_lock_can_be_had_there_is_no_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let dir = file.path().join("below-a-file");
        let instances = Instances::Lowest { host: "h".to_owned(), dir };
        assert!(instances.take("shop", "gold").is_none());
    }
}
