//! What is told beside the numbers, and what a subscription has been shown of both.

use super::window::Window;
use crate::alerting::Alert;
use serde_json::value::RawValue;
use std::sync::Arc;

/// What is told beside the numbers: it has no version of the view.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    pub(super) status: Status,
    pub(super) alerts: Arc<Alerts>,
}

/// The incidents, as they were told last.
#[derive(Debug, Clone)]
pub(super) struct Alerts {
    /// Grows with every telling.
    pub(super) number: u64,
    pub(super) window: Window<String, Alert>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { number: 0, window: Window::new(0, std::iter::empty()) }
    }
}

/// The stream itself, as it was told last.
#[derive(Debug, Clone, Default)]
pub(super) struct Status {
    /// Grows with every telling.
    pub(super) number: u64,
    /// None before the first.
    pub(super) body: Option<Arc<RawValue>>,
}

/// What a subscription has been shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    pub(super) version: u64,
    /// Number of the status.
    pub(super) status: u64,
    /// Number of the alerts.
    pub(super) alerts: u64,
}

impl Seen {
    /// At this version, with what is told beside it.
    pub(super) fn at(version: u64, beside: &Beside) -> Self {
        Self { version, status: beside.status.number, alerts: beside.alerts.number }
    }
}
