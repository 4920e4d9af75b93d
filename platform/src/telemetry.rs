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
pub fn begin(form: Form, Filter(filter): &Filter) {
    let form = *FORM.get_or_init(|| form);
    let filter = EnvFilter::new(filter);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let is_coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let begun = match form {
        Form::Text => log.with_ansi(is_coloured).try_init(),
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
    fn a_filter_is_a_level_or_levels_by_module() {
        for text in ["info", " WARN ", "off", "info,goldstream_platform=debug", "a::b=trace"] {
            assert!(text.parse::<Filter>().is_ok(), "{text}");
        }
        for text in ["", "verbose", "goldstream", "info,", "a=loud", "=info"] {
            assert!(text.parse::<Filter>().unwrap_err().contains("debug"), "{text}");
        }
    }
}
