//! A certification authority of a test's own, and what it signs.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Certificates and keys in PEM form, by name.
#[derive(Debug)]
pub struct Certificates(TempDir);

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}

impl Certificates {
    /// Made by openssl's command: `ca`, and what it signed: `server`, which is 127.0.0.1, and `client`. `other` is signed by itself.
    #[must_use]
    pub fn new() -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        for name in ["ca", "other"] {
            let line = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
            this.openssl(&format!("{line} -subj /CN={name} -keyout {name}.key -out {name}.pem"));
        }
        for name in ["server", "client"] {
            let line = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
            let host = "-addext subjectAltName=IP:127.0.0.1";
            this.openssl(&format!(
                "{line} {host} -subj /CN={name} -keyout {name}.key -out {name}.csr"
            ));
            let line = "x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 2";
            this.openssl(&format!("{line} -copy_extensions copy -in {name}.csr -out {name}.pem"));
        }
        this
    }

    /// The file of a certificate, `NAME.pem`, or of its key, `NAME.key`.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// The same as a setting.
    #[must_use]
    pub fn text(&self, file: &str) -> String {
        self.path(file).to_str().unwrap().to_owned()
    }

    fn openssl(&self, line: &str) {
        let dir: &Path = self.0.path();
        let output = Command::new("openssl").current_dir(dir).args(line.split(' ')).output();
        let output = output.expect("there is no openssl; `make setup` sees to it");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {line}: {said}");
    }
}
