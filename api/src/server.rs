//! What every request shares: the state given by the process, and what the server itself counts.

use crate::access::{self, Access};
use crate::alerting::Alerting;
use crate::audit::Audits;
use crate::corrected::{Corrected, Corrections, Counted};
use crate::feed::hub::Hub;
use crate::feed::strangers::Strangers;
use crate::forecast::Forecasts;
use crate::http::kept::Kept;
use crate::http::problem::Problem;
use crate::ingest::Ingest;
use crate::limits::{RECEIPT_SCANS_MAX, STREAMS_MAX};
use crate::metrics::Metrics;
use crate::origins::Origins;
use crate::pipeline::{Pipeline, Told};
use crate::ready::Readiness;
use crate::reporting::Reporting;
use crate::view::View;
use crate::view::state::State;
use axum::http::{HeaderMap, StatusCode};
use goldstream_domain::clean::Rules;
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_platform::embedded::Backup;
use goldstream_platform::health::Health;
use goldstream_platform::log::Log;
use goldstream_platform::metrics::{self, MetricsError};
use goldstream_platform::rebuilding::Rebuilding;
use goldstream_platform::served::Next;
use goldstream_platform::settings::Currency;
use goldstream_platform::shop_clock::ShopClock;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::trace::Shown;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

/// What the process gives to the server.
#[derive(Clone)]
pub struct ApiState {
    /// The view that answers are read from.
    pub view: View,
    /// The log, for positions and for the batch.
    pub log: Arc<dyn Log>,
    /// The log as posted rows are appended to it: it gives up in time.
    pub ingest: Arc<dyn Log>,
    /// Troubles of all roles.
    pub health: Health,
    /// What all roles count.
    pub metrics: metrics::Metrics,
    /// Roles of this process, for people.
    pub roles: Vec<String>,
    /// Number of partitions of every topic.
    pub partitions: u32,
    /// What a person should know of the log, as long as this server runs.
    pub warnings: Vec<String>,
    /// What is set of the rules, where nobody of this process folds.
    pub rules: Rules,
    /// What is folded beside what is served.
    pub rebuilding: Rebuilding,
    /// Who hears of frames that show rows; none where nobody wishes to.
    pub shown: Option<Arc<dyn Shown>>,
    /// What a person should know.
    pub alerting: Alerting,
    /// Who is sent reports.
    pub reporting: Reporting,
    /// The generation that is folded beside the served one.
    pub next: Option<Arc<dyn Next>>,
    /// Copies the store as it stands; none where that is on servers.
    pub backup: Option<Arc<dyn Backup>>,
    /// When the process started: milliseconds since 1970 UTC.
    pub started_at_ms: i64,
    /// Where the processes of the pipeline say how they are; none where this is all of it.
    pub told: Option<Told>,
    /// When it calls itself ready.
    pub readiness: Readiness,
    /// Who may ask.
    pub access: Access,
    /// Whose pages may ask beside its own.
    pub origins: Origins,
    /// How many may read the feed at a time.
    pub connections_max: usize,
    /// Share of one core that proofs in idle time may take; 0 is none.
    pub audit_cpu_percent: u32,
    /// What the amounts are in, for people.
    pub currency: Currency,
    /// Whether the rows are made up, for people.
    pub demo: bool,
    /// The clock of the shop whose rows this process makes up.
    pub shop_clock: Option<ShopClock>,
}

impl ApiState {
    /// The rules of what is served.
    pub(crate) fn rules(&self) -> Rules {
        self.rebuilding.rules().unwrap_or(self.rules)
    }
}

pub(crate) struct Server {
    pub(crate) state: ApiState,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) connections: Connections,
    /// Those who have yet to show the token.
    pub(crate) strangers: Strangers,
    pub(crate) ingest: Ingest,
    pub(crate) hub: Hub,
    /// What the next days are expected to bring.
    pub(crate) forecasts: Forecasts,
    /// How the other processes are.
    pub(crate) pipeline: Pipeline,
    /// What the API counts.
    pub(crate) metrics: Metrics,
    /// Proofs that are made on their own.
    pub(crate) audits: Audits,
    /// One batch at a time: it holds all customers once more.
    pub(crate) verifying: Arc<Semaphore>,
    /// Whole tables that are being sent.
    pub(crate) streams: Arc<Semaphore>,
    /// The same of all tables at once.
    pub(crate) golds: Arc<Semaphore>,
    /// Tables that somebody is reading in parts.
    pub(crate) kept: Kept,
    /// Who reads what became of posted rows.
    pub(crate) fates: Semaphore,
    /// Which refused rows were corrected.
    pub(crate) corrections: Arc<Corrections>,
}

impl Server {
    pub(crate) fn new(
        state: ApiState,
        address: SocketAddr,
        shutdown: Shutdown,
    ) -> Result<Self, MetricsError> {
        let verifying = Arc::new(Semaphore::new(1));
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        let ingest = Ingest::new(Arc::clone(&state.ingest), state.partitions);
        let connections = Connections::new(state.connections_max);
        let hub = Hub::default();
        let pipeline = Pipeline::of(state.told.as_ref());
        let metrics = Metrics::new(state.metrics.registry())?;
        Ok(Self {
            state,
            address,
            shutdown,
            connections,
            strangers: Strangers::default(),
            ingest,
            hub,
            forecasts: Forecasts::default(),
            pipeline,
            metrics,
            audits: Audits::default(),
            verifying,
            streams,
            golds: Arc::new(Semaphore::new(STREAMS_MAX)),
            kept: Kept::default(),
            fates: Semaphore::new(RECEIPT_SCANS_MAX),
            corrections: Arc::default(),
        })
    }

    /// Fails where no number is shown.
    pub(crate) fn must_be_loaded(&self) -> Result<(), Problem> {
        // No number that a reader of JSON would round is shown.
        if self.state.view.read(State::is_overflown) {
            let detail = SumOverflow.to_string();
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
        }
        self.must_have_loaded()
    }

    /// Fails where there is nothing yet that could be shown.
    pub(crate) fn must_have_loaded(&self) -> Result<(), Problem> {
        if self.state.view.read(State::is_loaded) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the store is being loaded"))
    }

    /// The refused rows that were corrected by what the view counts. The first time, all of silver is read.
    pub(crate) async fn corrected(&self) -> Result<Corrected, Problem> {
        let (epoch, counted): (_, Counted) =
            self.state.view.read(|state| (state.stamp().epoch, state.silver_positions().collect()));
        let (corrections, partitions) = (Arc::clone(&self.corrections), self.state.partitions);
        let (log, runtime) = (Arc::clone(&self.state.log), Handle::current());
        let found = tokio::task::spawn_blocking(move || {
            runtime.block_on(corrections.up_to(&*log, partitions, (&epoch, &counted)))
        });
        let found = found.await.map_err(|_| Problem::internal())?;
        found.map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
    }

    /// Whether it was asked under a name that is not its own, and can tell.
    pub(crate) fn is_misdirected(&self, headers: &HeaderMap) -> bool {
        let is_known = || self.state.origins.has_host(headers);
        self.state.access.is_open()
            && access::is_misdirected(self.address.ip(), headers)
            && !is_known()
    }

    /// Refuses pages of origins that are not listed.
    pub(crate) fn must_be_asked_by_own_page(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if !self.state.origins.is_foreign(headers) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "the page is of another origin"))
    }
}

/// The open feed connections.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    max: usize,
    open: Arc<watch::Sender<usize>>,
}

/// One open connection; dropping it counts it out.
#[derive(Debug)]
pub(crate) struct Connection {
    open: Arc<watch::Sender<usize>>,
    number: usize,
}

impl Connections {
    /// None yet, of so many.
    pub(crate) fn new(max: usize) -> Self {
        Self { max, open: Arc::default() }
    }

    /// Counts one more in, none where there are as many as may be.
    pub(crate) fn admit(&self) -> Option<Connection> {
        let mut number = None;
        self.open.send_if_modified(|open| {
            if *open < self.max {
                *open += 1;
                number = Some(*open);
            }
            number.is_some()
        });
        number.map(|number| Connection { open: Arc::clone(&self.open), number })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        *self.open.borrow()
    }

    /// Resolves when there are none.
    pub(crate) async fn drained(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        if self.open.subscribe().wait_for(|open| *open == 0).await.is_err() {
            tracing::debug!("the count of connections is gone");
        }
    }
}

impl Connection {
    /// When its client should come back after a restart: spread over a second, so that not all
    /// come at once.
    pub(crate) fn reconnect_after_ms(&self) -> u64 {
        700 + (self.number as u64 * 389) % 1_000
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_beyond_the_limit_are_not_admitted_until_one_ends() {
        let connections = Connections::new(2);
        let first = connections.admit().unwrap();
        let _second = connections.admit().unwrap();
        assert!(connections.admit().is_none());
        drop(first);
        assert_eq!(connections.count(), 1);
        assert!(connections.admit().is_some());
    }
}
