//! What the process gives to the server, as every request sees it.

use crate::access::Access;
use crate::alerting::Alerting;
use crate::origins::Origins;
use crate::pipeline::told::Told;
use crate::ready::Readiness;
use crate::reporting::book::Reporting;
use crate::view::View;
use goldstream_domain::clean::Rules;
use goldstream_platform::embedded::Backup;
use goldstream_platform::health::Health;
use goldstream_platform::log::Log;
use goldstream_platform::metrics;
use goldstream_platform::rebuilding::Rebuilding;
use goldstream_platform::served::Next;
use goldstream_platform::settings::Currency;
use goldstream_platform::shop_clock::ShopClock;
use goldstream_platform::trace::Shown;
use std::sync::Arc;

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
