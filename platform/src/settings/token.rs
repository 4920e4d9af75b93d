//! What who asks the API must know: where it stands, and that it is none that somebody guesses. Whose it is, it
//! does not know.

use super::error::SettingsError;
use crate::secret::Secret;
use std::path::Path;

/// Fewer are guessed. `goldstream token` makes more.
const CHARS_MIN: usize = 16;

/// The token that was given, or the one in the file.
pub(super) fn resolve(
    given: Option<Secret>,
    file: Option<&Path>,
) -> Result<Option<Secret>, SettingsError> {
    let token = match (given, file) {
        (Some(token), _) => token,
        (None, Some(path)) => Secret::read(path)
            .map_err(|error| SettingsError::TokenFile { path: path.to_owned(), error })?,
        (None, None) => return Ok(None),
    };
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if token.expose().is_empty() || !token.expose().chars().all(is_legal) {
        return Err(SettingsError::Token);
    }
    match token.expose().len() {
        given @ ..CHARS_MIN => Err(SettingsError::ShortToken { given, wanted: CHARS_MIN }),
        _ => Ok(Some(token)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Given, Settings};

    #[test]
    fn a_token_stands_in_a_file_or_a_variable_and_fits_into_a_header() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "it-stands-in-a-file\n").unwrap();
        let in_file = || Given { token_file: Some(path.clone()), ..Given::default() };
        let token = |given| Settings::resolve(given, None).map(|it| it.token.unwrap());
        assert_eq!(token(in_file()).unwrap().expose(), "it-stands-in-a-file");
        let both = Given { token: Some(Secret::new("that-one-is-given")), ..in_file() };
        assert_eq!(token(both).unwrap().expose(), "that-one-is-given");
        for odd in ["", "two words of a token", "ümlaut-in-a-token", "a-line-of-a-token\n"] {
            let refused = resolve(Some(Secret::new(odd)), None);
            assert!(matches!(refused, Err(SettingsError::Token)), "{odd}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(token(in_file()), Err(SettingsError::TokenFile { .. })));
    }

    #[test]
    fn one_that_is_soon_guessed_is_refused_and_not_shown() {
        let refused = resolve(Some(Secret::new("xyz")), None).unwrap_err().to_string();
        assert!(refused.contains("16") && refused.contains("goldstream token"), "{refused}");
        assert!(!refused.contains("xyz"), "{refused}");
        assert!(resolve(Some(Secret::new("a".repeat(15))), None).is_err());
        assert!(resolve(Some(Secret::new("a".repeat(16))), None).is_ok());
    }
}
