//! What Docker's own command is asked: whether a daemon is there, and to remove what tests left.

use anyhow::{Context, Result, ensure};
use std::process::{Command, Output};

fn docker(arguments: &[&str]) -> Result<Output> {
    let output = Command::new("docker").args(arguments).output();
    output.context("there is no `docker` command; `make test` needs no Docker")
}

/// Fails with one sentence where no daemon does.
pub(crate) fn answers() -> Result<()> {
    let output = docker(&["version", "--format", "{{.Server.Version}}"])?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "no Docker daemon answers; start it, or run `make test`, which needs none. Docker says: {}",
        said.trim()
    );
    Ok(())
}

/// Removes the containers that the tests of this run started themselves and could not remove.
pub(crate) fn remove(run_id: &str) -> Result<()> {
    let filter = format!("label=goldstream-test={run_id}");
    let listed = docker(&["ps", "--all", "--quiet", "--filter", &filter])?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let ids: Vec<_> = listed.split_whitespace().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let removed = docker(&[&["rm", "--force", "--volumes"], &ids[..]].concat())?;
    ensure!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    Ok(())
}
