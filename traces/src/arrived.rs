//! Traced records that a stage has read and not done with. It knows neither clock nor spans.

use goldstream_platform::limits::TRACES_ARRIVED_MAX;
use goldstream_platform::log::TopicPartition;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Where a record lies.
pub(crate) type Place = (TopicPartition, u64);

/// A record that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) trace_id: u128,
    /// When it was read.
    pub(crate) when: SystemTime,
}

/// What was read, by where it lies.
#[derive(Debug, Default)]
pub(crate) struct Arrived(Mutex<BTreeMap<Place, Arrival>>);

impl Arrived {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, Arrival>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A record is read, perhaps once more.
    pub(crate) fn arrives(&self, place: Place, arrival: Arrival) {
        let mut arrived = self.lock();
        if arrived.len() < TRACES_ARRIVED_MAX {
            arrived.insert(place, arrival);
        }
    }

    /// The stage has done with the record there, if it is known.
    pub(crate) fn take(&self, place: Place) -> Option<Arrival> {
        self.lock().remove(&place)
    }

    /// Those of these positions, in their order.
    pub(crate) fn between(
        &self,
        at: TopicPartition,
        positions: &Range<u64>,
    ) -> Vec<(Place, Arrival)> {
        let arrived = self.lock();
        let found = arrived.range((at, positions.start)..(at, positions.end));
        found.map(|(place, arrival)| (*place, *arrival)).collect()
    }

    /// The partition is another member's now.
    pub(crate) fn leaves(&self, at: TopicPartition) {
        self.lock().retain(|(of, _), _| *of != at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_platform::log::Topic;

    #[test]
    fn what_is_committed_is_found_by_its_positions_and_what_is_handed_back_is_forgotten() {
        let arrived = Arrived::default();
        let [one, two] = [1, 2].map(|partition| TopicPartition::new(Topic::Silver, partition));
        for (at, position) in [(one, 5), (one, 4), (two, 4), (one, 6)] {
            let arrival = Arrival { trace_id: 1, when: SystemTime::UNIX_EPOCH };
            arrived.arrives((at, position), arrival);
        }
        let found = |at, positions| {
            let found = arrived.between(at, &positions);
            found.into_iter().map(|((_, position), _)| position).collect::<Vec<_>>()
        };
        assert_eq!(found(one, 4..6), [4, 5]);
        assert!(arrived.take((one, 4)).is_some() && arrived.take((one, 4)).is_none());
        arrived.leaves(two);
        assert_eq!((found(one, 0..9), found(two, 0..9)), (vec![5, 6], vec![]));
    }
}
