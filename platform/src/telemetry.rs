//! Logs: to stderr, so that data on stdout stays clean.

use std::io::IsTerminal;
use std::str::FromStr;
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// A JSON object a line, for programs that gather them.
    Json,
}

/// Whether terminals are shown colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Colour {
    /// Where a terminal is there, unless `NO_COLOR` is set or the terminal is a dumb one.
    #[default]
    Auto,
    /// Wherever it goes.
    Always,
    /// Nowhere.
    Never,
}

impl Colour {
    /// Whether what goes there is coloured.
    pub fn is_for(self, place: &impl IsTerminal) -> bool {
        self.is_for_terminal(place.is_terminal(), |name| std::env::var(name).ok())
    }

    fn is_for_terminal(self, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
        let is_unwanted = || {
            let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
            no_color || variable("TERM").as_deref() == Some("dumb")
        };
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !is_unwanted(),
        }
    }
}

static COLOUR: OnceLock<Colour> = OnceLock::new();

/// What was asked for, for all that is written.
pub fn colour() -> Colour {
    *COLOUR.get().unwrap_or(&Colour::Auto)
}

static FORM: OnceLock<Form> = OnceLock::new();

/// How lines are written: what else is said on stderr is said in the same way.
pub fn form() -> Form {
    *FORM.get().unwrap_or(&Form::Text)
}

/// Says something to the person who started the process; to a program it is a line of the log.
pub fn say(sentence: &str) {
    match form() {
        Form::Text => eprintln!("{sentence}"),
        Form::Json => tracing::info!("{sentence}"),
    }
}

/// What is logged: a level, or levels by module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl Default for Filter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_level = |word: &str| !word.is_empty() && word.parse::<LevelFilter>().is_ok();
        // A word alone would name a module, and nothing would be logged of all others.
        let mut parts = text.split(',').map(str::trim);
        let is_filter = parts.all(|part| match part.split_once('=') {
            Some((module, level)) => !module.is_empty() && is_level(level),
            None => is_level(part),
        });
        if !is_filter || EnvFilter::try_new(text).is_err() {
            let forms = "error, warn, info, debug, trace, off, or levels by module as info,goldstream_platform=debug";
            return Err(format!("give {forms}"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Begins to log. A second call changes nothing.
pub fn begin(form: Form, colour: Colour, Filter(filter): &Filter) {
    let colour = *COLOUR.get_or_init(|| colour);
    let form = *FORM.get_or_init(|| form);
    let filter = EnvFilter::new(filter);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let begun = match form {
        Form::Text => log.with_ansi(colour.is_for(&std::io::stderr())).try_init(),
        Form::Json => log.json().flatten_event(true).try_init(),
    };
    if begun.is_err() {
        tracing::debug!("logging had begun before");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_want_them_or_for_whom_asks() {
        let shown = |colour: Colour, is_terminal: bool, set: &[(&str, &str)]| {
            let value = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            colour.is_for_terminal(is_terminal, value)
        };
        assert!(shown(Colour::Auto, true, &[("TERM", "xterm"), ("NO_COLOR", "")]));
        assert!(!shown(Colour::Auto, false, &[]));
        assert!(!shown(Colour::Auto, true, &[("NO_COLOR", "1")]));
        assert!(!shown(Colour::Auto, true, &[("TERM", "dumb")]));
        assert!(shown(Colour::Always, false, &[("NO_COLOR", "1")]));
        assert!(!shown(Colour::Never, true, &[]));
    }

    #[test]
    fn a_filter_is_a_level_or_levels_by_module() {
        for text in ["info", " WARN ", "off", "info,goldstream_platform=debug", "a::b=trace"] {
            assert!(text.parse::<Filter>().is_ok(), "{text}");
        }
        for text in ["", "verbose", "goldstream", "info,", "a=loud", "=info"] {
            assert!(text.parse::<Filter>().unwrap_err().contains("debug"), "{text}");
        }
    }
}
