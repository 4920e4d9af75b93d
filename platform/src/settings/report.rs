//! Who is sent the report of each week or month: `[report]` of `goldstream.toml`. It makes and sends none; whether
//! addresses are any is for who does.

use super::error::SettingsError;
use super::mail::MailSettings;
use goldstream_alerts::schedule::{Every, Rhythm};
use goldstream_domain::language::Language;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Before most shops open.
const HOUR_DEFAULT: u32 = 7;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportTable {
    /// Who gets it.
    to: Vec<String>,
    /// How often.
    every: Every,
    /// From which hour on.
    #[serde(default = "hour_default")]
    hour: u32,
    /// In which language.
    #[serde(default = "language_default")]
    language: Language,
    /// Whether customers are named.
    #[serde(default)]
    names: bool,
}

fn hour_default() -> u32 {
    HOUR_DEFAULT
}

/// As `goldstream report` has it.
fn language_default() -> Language {
    Language::Fr
}

/// What holds. There is somebody who gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSettings {
    /// The addresses of who gets it.
    pub to: Vec<String>,
    /// When it is due.
    pub rhythm: Rhythm,
    /// In which language.
    pub language: Language,
    /// Whether customers are named.
    pub names: bool,
}

impl ReportSettings {
    /// How who gets it is called, in what is stored and for people.
    #[must_use]
    pub fn receiver(address: &str) -> String {
        format!("report {address}")
    }

    /// The names of all who get it.
    #[must_use]
    pub fn receivers(&self) -> Vec<String> {
        self.to.iter().map(|address| Self::receiver(address)).collect()
    }
}

pub(super) fn resolve(
    table: Option<&ReportTable>,
    mail: Option<&MailSettings>,
) -> Result<Option<ReportSettings>, SettingsError> {
    let Some(table) = table else { return Ok(None) };
    let ReportTable { to, every, hour, language, names } = table;
    let odd = |reason: String| Err(SettingsError::Table(reason));
    if to.is_empty() {
        return odd("report.to names nobody: give at least one address".to_owned());
    }
    let mut known = BTreeSet::new();
    if let Some(twice) = to.iter().find(|address| !known.insert(*address)) {
        return odd(format!("report.to names {twice} twice"));
    }
    if *hour > 23 {
        return odd(format!("report.hour is one of 0 to 23, not {hour}"));
    }
    if mail.is_none() {
        return odd(
            "[report] is sent by mail, but there is no [mail] that says how one is sent".to_owned()
        );
    }
    let rhythm = Rhythm { every: *every, hour: *hour };
    Ok(Some(ReportSettings { to: to.clone(), rhythm, language: *language, names: *names }))
}

#[cfg(test)]
mod tests {
    use super::super::of_file as of;
    use super::*;

    const MAIL: &str = "[mail]\nserver = \"smtp.example\"\nfrom = \"a@b.c\"\n";

    #[test]
    fn nobody_is_sent_a_report_unless_he_is_named_and_then_at_seven_in_french() {
        assert_eq!(of(MAIL).unwrap().report, None);
        let text = format!("{MAIL}[report]\nto = [\"a@b.c\", \"d@e.f\"]\nevery = \"week\"\n");
        let report = of(&text).unwrap().report.unwrap();
        assert_eq!(report.receivers(), ["report a@b.c", "report d@e.f"]);
        assert_eq!(report.rhythm, Rhythm { every: Every::Week, hour: 7 });
        assert_eq!((report.language, report.names), (Language::Fr, false));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_name() {
        for (table, says) in [
            ("every = \"week\"\n", "`to`"),
            ("to = [\"a@b.c\"]\n", "`every`"),
            ("to = [\"a@b.c\"]\nevery = \"day\"\n", "`week` or `month`"),
            ("to = []\nevery = \"week\"\n", "names nobody"),
            ("to = [\"a@b.c\", \"a@b.c\"]\nevery = \"week\"\n", "a@b.c twice"),
            ("to = [\"a@b.c\"]\nevery = \"month\"\nhour = 24\n", "0 to 23, not 24"),
            ("to = [\"a@b.c\"]\nevery = \"month\"\nhour = -1\n", "-1"),
            ("to = [\"a@b.c\"]\nevery = \"month\"\nlang = \"en\"\n", "lang"),
            ("to = [\"a@b.c\"]\nevery = \"month\"\nlanguage = \"de\"\n", "de"),
            ("to = \"a@b.c\"\nevery = \"month\"\n", "sequence"),
        ] {
            let error = of(&format!("{MAIL}[report]\n{table}")).unwrap_err().to_string();
            assert!(error.contains(says), "{table}: {error}");
        }
        let alone = of("[report]\nto = [\"a@b.c\"]\nevery = \"week\"\n").unwrap_err().to_string();
        assert!(alone.contains("no [mail]"), "{alone}");
    }
}
