//! What the API of a process is told of its surroundings. It serves nothing.

use crate::alerts::channels::{Channel, channels, report_channels};
use crate::outcome::Usage;
use goldstream_api::access::Access;
use goldstream_api::alerting::Looking;
use goldstream_api::origins::Origins;
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{AlertsSettings, Currency, ReportSettings, Settings};
use goldstream_platform::shop_clock::ShopClock;

/// What the API is told of its surroundings.
#[derive(Clone, Default)]
pub(crate) struct ApiSettings {
    /// Whose pages may ask beside its own.
    pub(crate) origins: Origins,
    /// What who asks must know.
    pub(crate) token: Option<Secret>,
    /// Share of one core for proofs in idle time.
    pub(crate) audit_cpu_percent: u32,
    /// What the amounts are in, for people.
    pub(crate) currency: Currency,
    /// Whether the rows are made up.
    pub(crate) demo: bool,
    /// The clock of the shop whose rows this process makes up.
    pub(crate) shop_clock: Option<ShopClock>,
    /// Who is told what.
    pub(crate) alerts: Option<AlertsSettings>,
    /// Whether this process looks for it, and tells.
    pub(crate) looking: Looking,
    /// The ways to them.
    pub(crate) channels: Vec<Channel>,
    /// Who is sent reports; none where this process sends none.
    pub(crate) report: Option<ReportSettings>,
    /// The ways to them.
    pub(crate) report_channels: Vec<Channel>,
}

impl ApiSettings {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            origins: Origins::new(&settings.allowed_origins),
            token: settings.token.clone(),
            audit_cpu_percent: settings.audit_cpu_percent.unwrap_or_default(),
            ..Self::of_question(settings)
        }
    }

    /// What one is told that is started for a question: how the answer is written.
    pub(crate) fn of_question(settings: &Settings) -> Self {
        let (currency, alerts) = (settings.currency.clone(), settings.alerts.clone());
        Self { currency, alerts, ..Self::default() }
    }

    /// The same for a process that stays, and tells people what they should know.
    pub(crate) fn and_tells(self, settings: &Settings) -> Result<Self, Usage> {
        Ok(Self {
            looking: Looking::On,
            channels: channels(settings)?,
            report: settings.report.clone(),
            report_channels: report_channels(settings)?,
            ..self
        })
    }

    /// Whether the process stays, and tells people what they should know.
    pub(crate) fn is_staying(&self) -> bool {
        self.looking == Looking::On
    }

    /// Who may ask: who knows the token, or the one that a second terminal is told.
    pub(crate) fn access(&self, second: Option<&Secret>) -> Access {
        let Some(token) = &self.token else { return Access::open() };
        Access::with_tokens([Some(token), second].into_iter().flatten().cloned().collect())
    }
}
