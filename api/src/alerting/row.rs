//! An incident as readers get it.

use goldstream_alerts::incident::{Figures, Incident, IncidentState, Rule};
use goldstream_alerts::words::Words;
use goldstream_platform::clock::rfc3339;
use serde::Serialize;

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alert {
    pub(crate) id: String,
    rule: Rule,
    pub(crate) state: IncidentState,
    opened_at: String,
    resolved_at: Option<String>,
    message: String,
    figures: Figures,
    /// Where the page shows it.
    link: String,
    /// The version of the view that it follows from.
    version: String,
}

impl Alert {
    pub(super) fn of(incident: &Incident, words: Words<'_>) -> Self {
        Self {
            id: incident.id.clone(),
            rule: incident.rule,
            state: incident.state,
            opened_at: rfc3339(incident.opened_at_ms),
            resolved_at: incident.resolved_at_ms.map(rfc3339),
            message: words.sentence(&incident.figures),
            figures: incident.figures.clone(),
            link: words.link(&incident.figures),
            version: incident.version.clone(),
        }
    }
}
