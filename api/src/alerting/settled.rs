//! Whether the numbers are whole: while inputs are read to their ends for the first time, or all is counted anew,
//! and a moment after a start, they are a part of what they will be.

use crate::lag::Lag;
use crate::limits::ALERTS_SETTLED_MAX;
use crate::server::Server;
use goldstream_alerts::facts::Waiting;
use goldstream_platform::inputs::{InputState, InputStatus};
use std::time::Instant;

/// Since when nothing is read for the first time.
#[derive(Debug, Default)]
pub(super) struct Settled(Option<Instant>);

impl Settled {
    /// What waits.
    pub(super) async fn waiting(&mut self, server: &Server) -> Waiting {
        let inputs = server.state.health.inputs().all();
        let is_reading = |input: &InputStatus| input.state == InputState::Reading;
        let is_rebuilding = server.state.rebuilding.progress().is_some();
        if inputs.iter().any(is_reading) || is_rebuilding {
            self.0 = None;
            return Waiting::CatchingUp;
        }
        if self.0.get_or_insert_with(Instant::now).elapsed() < ALERTS_SETTLED_MAX {
            return Waiting::CatchingUp;
        }
        match Lag::of(&server.state).await.ms {
            Some(ms) => Waiting::For(ms),
            None => Waiting::Unknown,
        }
    }
}
