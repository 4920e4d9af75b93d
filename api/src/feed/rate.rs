//! How many messages a client has sent in the last minute. Pure: moments come from outside.

use crate::limits::MESSAGES_PER_MINUTE_MAX;
use std::collections::VecDeque;

/// When the messages of the last minute came.
#[derive(Debug, Default)]
pub(super) struct Rate {
    received_ms: VecDeque<u64>,
}

impl Rate {
    /// One more came: whether that is no more than may be.
    pub(super) fn is_kept(&mut self, now_ms: u64) -> bool {
        while self.received_ms.front().is_some_and(|at_ms| at_ms + 60_000 <= now_ms) {
            self.received_ms.pop_front();
        }
        self.received_ms.push_back(now_ms);
        self.received_ms.len() <= MESSAGES_PER_MINUTE_MAX
    }
}
