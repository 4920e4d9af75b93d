//! `goldstream reset`: removes one store, after saying what goes.

use crate::Outcome;
use anyhow::{Context, bail};
use clap::Args;
use goldstream_platform::embedded::{Embedded, FILE_NAME, OpenError};
use goldstream_platform::server_file;
use goldstream_platform::settings::Settings;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

#[derive(Args)]
pub(crate) struct ResetArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(settings: &Settings, args: &ResetArgs) -> anyhow::Result<Outcome> {
    let dir = &settings.data_dir;
    let file = dir.join(FILE_NAME);
    if !file.is_file() {
        eprintln!("there is no store in {}: nothing to remove", dir.display());
        return Ok(Outcome::Done);
    }
    // A file that cannot be read may go; one that is in use must not.
    if let Err(OpenError::InUse(dir)) = Embedded::open(dir, None).map(|embedded| embedded.close()) {
        bail!("{} is in use by a running goldstream: stop it first", dir.display());
    }
    let size_bytes = std::fs::metadata(&file).map(|metadata| metadata.len()).unwrap_or(0);
    eprintln!(
        "this removes {} ({} MB): the rows, and all that was counted from them",
        file.display(),
        size_bytes / 1_000_000
    );
    if dir.join("demo").is_dir() {
        eprintln!("the demo shop's own store in {} stays", dir.join("demo").display());
    }
    if !args.yes && !is_confirmed()? {
        eprintln!("nothing was removed");
        return Ok(Outcome::No);
    }
    remove(dir)?;
    Ok(Outcome::Done)
}

fn is_confirmed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked here: give --yes");
    }
    eprint!("go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "o" | "oui"))
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    server_file::remove(dir)?;
    for name in ["history-ends", FILE_NAME] {
        let path = dir.join(name);
        if path.exists() {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    // The directory goes too, unless something else is in it.
    match std::fs::remove_dir(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::DirectoryNotEmpty => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
