//! The proof, made again and again: in idle time gold is computed by the batch rules from the log and
//! held against the gold that is shown. It takes a share of one core and changes nothing.

use crate::audits::Audited;
use crate::lag::Lag;
use crate::limits::{AUDIT_AGAIN_MAX, AUDIT_FIRST, AUDIT_PACE};
use crate::server::Server;
use crate::verify::{Verdict, VerifyError, verify};
use goldstream_platform::clock::now_ms;
use goldstream_platform::cpu_share::CpuShare;
use goldstream_platform::role;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::time::sleep;

/// Under which a difference is told.
const NAME: &str = "audit";

/// Begins to audit on a thread of its own, which ends with the server; none where its share is none.
///
/// # Errors
/// Where there is no thread.
pub(crate) fn begin(server: &Arc<Server>) -> io::Result<Option<JoinHandle<()>>> {
    let cpu_percent = server.state.audit_cpu_percent;
    if cpu_percent == 0 {
        return Ok(None);
    }
    let server = Arc::clone(server);
    role::spawn(NAME, move || async move { run(&server, cpu_percent).await }).map(Some)
}

async fn run(server: &Server, cpu_percent: u32) {
    let mut shutdown = server.shutdown.clone();
    let mut proven: Option<(u64, Instant)> = None;
    let mut pace = AUDIT_FIRST;
    loop {
        tokio::select! {
            () = sleep(pace) => pace = AUDIT_PACE,
            () = shutdown.wished() => return,
        }
        let version = server.state.view.versions().borrow().to_owned();
        let is_fresh =
            proven.is_some_and(|(of, at)| of == version && at.elapsed() < AUDIT_AGAIN_MAX);
        if is_fresh || !is_idle(server).await {
            continue;
        }
        match audit(server, cpu_percent).await {
            Ok(audited) => {
                proven = Some((version, Instant::now()));
                tell(server, &audited);
                server.audits.note(audited);
            }
            Err(VerifyError::Abandoned) => {}
            Err(error) => tracing::warn!(%error, "gold could not be audited"),
        }
    }
}

/// Whether the numbers are there and nothing waits to be counted.
async fn is_idle(server: &Server) -> bool {
    let rebuilding = &server.state.rebuilding;
    // What an older version has counted is not what this one's batch says.
    let is_settled = rebuilding.progress().is_none() && !rebuilding.serves_older_rules();
    is_settled && server.must_be_loaded().is_ok() && Lag::of(&server.state).await.records == Some(0)
}

/// One proof, with rests that keep it to its share of a core. Who asks for a proof goes first.
async fn audit(server: &Server, cpu_percent: u32) -> Result<Audited, VerifyError> {
    let mut share = CpuShare::of(cpu_percent);
    let rules = server.state.rules();
    let (stamp, gold, cut) = server.state.view.gold();
    let between = async || {
        share.rest().await;
        let is_of_another = server.state.view.read(|view| view.stamp().epoch) != stamp.epoch;
        let is_asked = server.verifying.available_permits() == 0;
        let must_end = server.shutdown.is_wished() || is_asked || is_of_another;
        if must_end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let of = (server.state.partitions, rules);
    let batch = verify(cut, &*server.state.log, of, between).await?;
    Ok(Audited { at_ms: now_ms(), verdict: Verdict::over(&gold, &batch) })
}

fn tell(server: &Server, audited: &Audited) {
    let Verdict { differences, differing, .. } = &audited.verdict;
    let Some(first) = differing.first() else {
        return server.state.health.clear(NAME);
    };
    let alarm =
        format!("gold is not what the batch says in {differences} places; the first: {first}");
    tracing::error!("{alarm}");
    server.state.health.report(NAME, alarm);
}
