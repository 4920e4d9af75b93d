//! What every request shares: the state given by the process, and what the server itself counts.

pub use crate::api_state::ApiState;

use crate::access;
use crate::audits::Audits;
use crate::connections::Connections;
use crate::corrected::{Corrected, Corrections, Counted};
use crate::feed::hub::Hub;
use crate::feed::strangers::Strangers;
use crate::forecast::Forecasts;
use crate::http::kept::Kept;
use crate::http::problem::Problem;
use crate::ingest::Ingest;
use crate::limits::{RECEIPT_SCANS_MAX, STREAMS_MAX};
use crate::metrics::Metrics;
use crate::pipeline::known::Pipeline;
use crate::view::state::State;
use axum::http::{HeaderMap, StatusCode};
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_platform::metrics::MetricsError;
use goldstream_platform::shutdown::Shutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// What every request shares.
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
