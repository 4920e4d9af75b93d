//! How mail is sent, as `[mail]` of `goldstream.toml` has it. It sends none; whether addresses are any is for
//! who does.

use super::error::SettingsError;
use super::secret_file::secret_of;
use crate::secret::Secret;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailTable {
    /// `HOST` or `HOST:PORT`.
    server: String,
    /// How what is sent is kept from others.
    #[serde(default)]
    encryption: Encryption,
    /// Whom mail comes from: `goldstream@shop.example`, `Shop <goldstream@shop.example>`.
    from: String,
    /// Under which name it logs in.
    user: Option<String>,
    /// A file with the password.
    password_file: Option<PathBuf>,
    /// Who may sign the server's certificate, as a file in PEM form.
    ca_file: Option<PathBuf>,
}

/// How what is sent is kept from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// The connection begins plainly and is encrypted before anything is said: port 587.
    #[default]
    Starttls,
    /// It is encrypted from the first byte: port 465.
    Tls,
    /// It is not: for a server on this machine. Port 25.
    None,
}

impl Encryption {
    const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The server's name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How what is sent is kept from others.
    pub encryption: Encryption,
    /// Whom mail comes from.
    pub from: String,
    /// Name and password.
    pub login: Option<(String, Secret)>,
    /// Certificates in PEM form of who may sign that of the server; none takes the system's.
    pub ca: Option<String>,
}

pub(super) fn resolve(table: &MailTable) -> Result<MailSettings, SettingsError> {
    let MailTable { server, encryption, from, user, password_file, ca_file } = table;
    let (host, port) = place(server, *encryption)?;
    let login = match (user, password_file) {
        (Some(user), Some(path)) => Some((user.clone(), password(path)?)),
        (None, None) => None,
        (Some(_), None) => {
            return Err(SettingsError::Half { given: "mail.user", missing: "mail.password_file" });
        }
        (None, Some(_)) => {
            return Err(SettingsError::Half { given: "mail.password_file", missing: "mail.user" });
        }
    };
    if login.is_some() && *encryption == Encryption::None {
        let reason = "mail.password_file would be shown to everybody on the way: encryption = \"none\" takes no login";
        return Err(SettingsError::Table(reason.to_owned()));
    }
    let ca = ca_file.as_deref().map(read).transpose()?;
    let ca = ca.map(|text| text.expose().to_owned());
    Ok(MailSettings { host, port, encryption: *encryption, from: from.clone(), login, ca })
}

fn place(server: &str, encryption: Encryption) -> Result<(String, u16), SettingsError> {
    let odd = || {
        let reason = format!("mail.server {server:?} is none: give HOST or HOST:PORT");
        SettingsError::Table(reason)
    };
    let (host, port) = match server.rsplit_once(':') {
        // An IPv6 address without a port ends with a bracket.
        Some((host, port)) if !server.ends_with(']') => (host, port.parse().map_err(|_| odd())?),
        _ => (server, encryption.port()),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host.contains(char::is_whitespace) || host.contains('/') {
        return Err(odd());
    }
    Ok((host.to_owned(), port))
}

fn read(path: &Path) -> Result<Secret, SettingsError> {
    secret_of("mail.password_file", path)
}

pub(super) fn password(path: &Path) -> Result<Secret, SettingsError> {
    let secret = read(path)?;
    if secret.expose().is_empty() {
        return Err(SettingsError::EmptySecret(path.to_owned()));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_the_port_of_its_encryption_unless_it_names_one() {
        let at = |text: &str| place(text, Encryption::Starttls);
        assert_eq!(at("smtp.example").unwrap(), ("smtp.example".to_owned(), 587));
        assert_eq!(at("smtp.example:2525").unwrap(), ("smtp.example".to_owned(), 2525));
        assert_eq!(at("[::1]:25").unwrap(), ("::1".to_owned(), 25));
        assert_eq!(at("[::1]").unwrap(), ("::1".to_owned(), 587));
        for odd in ["", ":25", "smtp.example:mail", "smtp://smtp.example", "a b"] {
            assert!(at(odd).unwrap_err().to_string().contains("HOST:PORT"), "{odd}");
        }
    }
}
