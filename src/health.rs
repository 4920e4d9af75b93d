//! `goldstream health`: whether the goldstream beside it lives, for the health check of a container; and
//! the heartbeat by which that is known. A server that is away is nothing of it: who waits, lives.

use crate::heartbeat;
use crate::outcome::{Outcome, Usage};
use crate::output::print;
use crate::process::Process;
use goldstream_platform::clock::now_ms;
use goldstream_platform::heartbeat::Heartbeat;
use goldstream_platform::server_file;
use goldstream_platform::settings::Settings;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// How long the API may take to say that it is ready.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// Renews the heartbeat from now on, as long as the process goes on, where it is wanted; and tells the other
/// processes of the pipeline.
pub(crate) fn begin(process: &mut Process, settings: &Settings) {
    process.report();
    if let Some(waited) = process.backend.waited.take() {
        waited.abort();
    }
    if let Some(path) = settings.heartbeat.clone() {
        tokio::spawn(heartbeat::renew(path, process.backend.health.clone(), process.address()));
    }
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let Some(path) = &settings.heartbeat else {
        let reason =
            "nothing to look at: --heartbeat names the file that a running goldstream renews";
        return Err(Usage(reason.to_owned()).into());
    };
    let objection = objection(path);
    let sentence = objection.as_deref().unwrap_or("it lives");
    print(&format!("{sentence}\n"))?;
    Ok(if objection.is_none() { Outcome::Done } else { Outcome::No })
}

/// Why it is not healthy.
fn objection(path: &Path) -> Option<String> {
    let heartbeat = match Heartbeat::read(path) {
        Ok(heartbeat) => heartbeat,
        Err(error) => return Some(format!("no heartbeat in {}: {error}", path.display())),
    };
    let unready = || heartbeat.address.and_then(unready);
    heartbeat.objection(now_ms()).or_else(unready)
}

/// Why what serves there is not ready.
fn unready(address: SocketAddr) -> Option<String> {
    let config = ureq::Agent::config_builder().timeout_global(Some(ANSWER_MAX));
    let agent = ureq::Agent::new_with_config(config.http_status_as_error(false).build());
    let url = server_file::url(address, "/readyz");
    match agent.get(&url).call() {
        Ok(answer) if answer.status() == 200 => None,
        Ok(mut answer) => {
            let said = answer.body_mut().read_to_string().unwrap_or_default();
            let objects = format!("{url} answers {}: {said}", answer.status().as_u16());
            (!is_elsewhere(&said)).then_some(objects)
        }
        Err(error) => Some(format!("{url} does not answer: {error}")),
    }
}

/// Whether what keeps a server from being ready is all in other processes: it is not mended here.
fn is_elsewhere(problem: &str) -> bool {
    let problem: serde_json::Value = serde_json::from_str(problem).unwrap_or_default();
    let is_empty = |name: &str| problem[name].as_array().map(Vec::is_empty);
    is_empty("reasons") == Some(true) && is_empty("elsewhere") == Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_no_less_healthy_for_what_is_halted_in_another_process() {
        assert!(is_elsewhere(r#"{"reasons":[],"elsewhere":["gold of silver/0: why"]}"#));
        assert!(!is_elsewhere(r#"{"reasons":["loading"],"elsewhere":["gold of silver/0: why"]}"#));
        assert!(!is_elsewhere(r#"{"reasons":[],"elsewhere":[]}"#) && !is_elsewhere("busy"));
    }
}
