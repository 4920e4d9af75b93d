//! The note that a running goldstream leaves in its data directory, so that a second terminal finds it.

use crate::secret::Secret;
use serde::{Deserialize, Serialize, Serializer};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

const FILE_NAME: &str = "server.json";

/// Where a running goldstream answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFile {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    /// What it wants to know of who asks, for those who may read this file.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub token: Option<Secret>,
}

fn exposed<S: Serializer>(token: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Secret::expose).serialize(serializer)
}

/// The note while it stands; it is taken away when this is dropped.
#[derive(Debug)]
pub struct Note {
    path: PathBuf,
}

impl ServerFile {
    /// Leaves the note.
    ///
    /// # Errors
    /// Where the directory cannot be written.
    pub fn write(&self, data_dir: &Path) -> io::Result<Note> {
        let path = data_dir.join(FILE_NAME);
        let unfinished = data_dir.join(format!("{FILE_NAME}.{}", self.pid));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Who may read the data need not know the token: that opens the posting of rows, too.
        #[cfg(unix)]
        if self.token.is_some() {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let written = options.open(&unfinished)?.write_all(&serde_json::to_vec(self)?);
        // Who reads it sees all of it or nothing.
        let moved = written.and_then(|()| std::fs::rename(&unfinished, &path));
        match moved {
            Ok(()) => Ok(Note { path }),
            // A full disk: half a note is nobody's.
            Err(error) => std::fs::remove_file(&unfinished).and(Err(error)),
        }
    }

    /// Reads the note, if there is one.
    #[must_use]
    pub fn read(data_dir: &Path) -> Option<Self> {
        let json = std::fs::read(data_dir.join(FILE_NAME)).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// Where it is reached on this machine.
    #[must_use]
    pub fn reached_at(&self) -> SocketAddr {
        reached_at(self.address)
    }

    /// The address to ask.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        url(self.address, path)
    }
}

/// A server that listens everywhere is asked over loopback.
fn reached_at(listening: SocketAddr) -> SocketAddr {
    let mut address = listening;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}

/// The address to ask on this machine.
#[must_use]
pub fn url(listening: SocketAddr, path: &str) -> String {
    format!("http://{}{path}", reached_at(listening))
}

/// Removes a note that a killed process left.
///
/// # Errors
/// Where it stands and cannot be removed.
pub fn remove(data_dir: &Path) -> io::Result<()> {
    match std::fs::remove_file(data_dir.join(FILE_NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the server note was gone already");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_stands_while_its_writer_does() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(ServerFile::read(dir.path()), None);
        let file = ServerFile {
            address: "0.0.0.0:8080".parse().unwrap(),
            pid: 7,
            token: Some(Secret::new("t")),
        };
        let note = file.write(dir.path()).unwrap();
        assert_eq!(ServerFile::read(dir.path()), Some(file.clone()));
        assert_eq!(file.url("/x"), "http://127.0.0.1:8080/x");
        // It holds a token: it is its owner's alone.
        #[cfg(unix)]
        {
            let metadata = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o77, 0);
        }
        drop(note);
        assert_eq!(ServerFile::read(dir.path()), None);
        remove(dir.path()).unwrap();
    }
}
