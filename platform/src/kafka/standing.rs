//! Whether the topics are still those that were made, and what follows where they are not. It is told what
//! was seen of them, and asks nobody.

use super::admin::TopicsError;
use super::names::Names;
use crate::limits::LOOKS_MISSING_MIN;
use crate::log::{LogError, Topic, TopicPartition};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What one look at the topics saw: of each its number of partitions, none where it is not there.
pub(super) type Seen = BTreeMap<Topic, Option<u32>>;

/// The judgement that all users of one log share.
#[derive(Debug, Default)]
pub(super) struct Standing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How often in a row a topic was not seen.
    missing: u32,
    fault: Option<Fault>,
    surplus: Vec<(TopicPartition, u64)>,
}

/// What is wrong with the topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Rows go where nobody reads: nothing mends that but a person.
    OtherPartitions(String),
    /// One is away. It may come back; who reads it then sees whether it is the same.
    Missing(String),
}

impl Standing {
    /// Takes in what was seen where `partitions` are wanted.
    pub(super) fn look(&self, names: &Names, partitions: u32, seen: &Seen) {
        let mut state = self.lock();
        if matches!(state.fault, Some(Fault::OtherPartitions(_))) {
            return;
        }
        let counted = seen.iter().filter_map(|(topic, count)| Some((*topic, (*count)?)));
        if let Some((topic, found)) = { counted }.find(|(_, count)| *count != partitions) {
            let topic = names.topic(topic).to_owned();
            let why = TopicsError::OtherPartitions { topic, found, wanted: partitions };
            state.fault = Some(Fault::OtherPartitions(why.to_string()));
            return;
        }
        let Some((topic, _)) = seen.iter().find(|(_, count)| count.is_none()) else {
            (state.missing, state.fault) = (0, None);
            return;
        };
        // A broker that has just begun may not know all topics yet.
        state.missing += 1;
        if state.missing >= LOOKS_MISSING_MIN {
            let why = TopicsError::gone(names, *topic);
            state.fault = Some(Fault::Missing(why.to_string()));
        }
    }

    /// Notes the partitions that nobody reads, and where they end.
    pub(super) fn note_surplus(&self, surplus: Vec<(TopicPartition, u64)>) {
        self.lock().surplus = surplus;
    }

    pub(super) fn surplus(&self) -> Vec<(TopicPartition, u64)> {
        self.lock().surplus.clone()
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.lock().fault.clone()
    }

    /// Why nothing may be written, or be read to go on from.
    ///
    /// # Errors
    /// [`LogError::Stopped`] for good, [`LogError::Unavailable`] while a topic is away.
    pub(super) fn check(&self) -> Result<(), LogError> {
        match &self.lock().fault {
            None => Ok(()),
            Some(Fault::OtherPartitions(why)) => Err(LogError::Stopped(why.clone())),
            Some(Fault::Missing(why)) => Err(LogError::Unavailable(why.clone())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(of_silver: Option<u32>) -> Seen {
        let count = |topic| if topic == Topic::Silver { of_silver } else { Some(4) };
        Topic::ALL.into_iter().map(|topic| (topic, count(topic))).collect()
    }

    #[test]
    fn partitions_that_were_added_stop_everything_for_good() {
        let (standing, names) = (Standing::default(), Names::new("shop", 0));
        standing.look(&names, 4, &seen(Some(4)));
        assert!(standing.check().is_ok());
        standing.look(&names, 4, &seen(Some(8)));
        let Err(LogError::Stopped(why)) = standing.check() else { panic!("it goes on") };
        assert!(why.contains("shop.silver has 8 partitions") && why.contains("--prefix"), "{why}");
        // Nobody takes partitions away: whoever says so has an old view.
        standing.look(&names, 4, &seen(Some(4)));
        assert!(standing.check().is_err());
    }

    #[test]
    fn a_topic_that_is_away_is_waited_for_and_believed_away_only_after_a_while() {
        let (standing, names) = (Standing::default(), Names::new("shop", 0));
        for _ in 1..LOOKS_MISSING_MIN {
            standing.look(&names, 4, &seen(None));
            assert!(standing.check().is_ok());
        }
        standing.look(&names, 4, &seen(None));
        let Err(LogError::Unavailable(why)) = standing.check() else { panic!("it goes on") };
        assert!(why.contains("shop.silver"), "{why}");
        standing.look(&names, 4, &seen(Some(4)));
        assert!(standing.check().is_ok());
        standing.look(&names, 4, &seen(None));
        assert!(standing.check().is_ok(), "looks are counted in a row");
    }
}
