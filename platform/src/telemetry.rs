//! Logs: to stderr, so that data on stdout stays clean. `GOLDSTREAM_LOG` sets the level.

use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

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

/// Begins to log. A second call changes nothing.
pub fn begin(form: Form) {
    let form = *FORM.get_or_init(|| form);
    let filter =
        EnvFilter::try_from_env("GOLDSTREAM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
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
