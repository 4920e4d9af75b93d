//! The wall clock where the shop is: the machine's, unless the shop is made up, which has its own. It counts nothing.

use crate::api_state::ApiState;
use goldstream_domain::moment::{Day, Moment};
use goldstream_platform::clock::{local_at, local_now, now_ms};

/// What it shows now.
pub(crate) fn shop_time(state: &ApiState) -> Moment {
    state.shop_clock.as_ref().map_or_else(local_now, |clock| clock.read().now)
}

/// The day that it is there, as the page has it.
pub(crate) fn today(state: &ApiState) -> Day {
    shop_time(state).day()
}

/// What it showed at a moment of UTC. Of a made-up one it is taken that it ran as it does now.
pub(crate) fn shop_time_at(state: &ApiState, utc_ms: i64) -> Moment {
    match &state.shop_clock {
        None => local_at(utc_ms),
        Some(clock) => Moment(clock.read().now.0 - (now_ms() - utc_ms).div_euclid(1000)),
    }
}
