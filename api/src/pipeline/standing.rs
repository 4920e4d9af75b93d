//! Which stages do not go on though records wait for them. Pure: it is told positions and the time.

use crate::lag::Position;
use goldstream_platform::log::{Topic, TopicPartition};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Where partitions were first seen standing with something behind them.
#[derive(Debug, Default)]
pub(super) struct Standing {
    since: BTreeMap<TopicPartition, (u64, Instant)>,
}

/// A partition whose stage does not go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stood {
    pub(super) at: TopicPartition,
    pub(super) position: u64,
    pub(super) end: u64,
    pub(super) long: Duration,
}

impl Standing {
    /// Looks at the partitions now and gives those that have stood for `long_min`. One whose end is not
    /// known is not judged.
    pub(super) fn look(
        &mut self,
        positions: &[Position],
        now: Instant,
        long_min: Duration,
    ) -> Vec<Stood> {
        let before = std::mem::take(&mut self.since);
        let mut stood = Vec::new();
        for Position { at, position, end } in positions {
            let Some(end) = end.filter(|end| end > position) else { continue };
            let same = before.get(at).filter(|(was, _)| was == position);
            let since = same.map_or(now, |(_, since)| *since);
            self.since.insert(*at, (*position, since));
            let long = now.saturating_duration_since(since);
            if long >= long_min {
                stood.push(Stood { at: *at, position: *position, end, long });
            }
        }
        stood
    }
}

/// The stage that reads a topic.
pub(super) fn stage_of(at: TopicPartition) -> &'static str {
    if at.topic == Topic::Silver { "gold" } else { "silver" }
}

/// One sentence a stage.
pub(super) fn sentences(stood: &[Stood]) -> BTreeMap<&'static str, String> {
    let mut by_stage: BTreeMap<_, Vec<&Stood>> = BTreeMap::new();
    for one in stood {
        by_stage.entry(stage_of(one.at)).or_default().push(one);
    }
    let sentence = |stood: Vec<&Stood>| {
        let places = stood
            .iter()
            .map(|Stood { at, position, end, .. }| format!("{at} at {position} of {end}"));
        let places: Vec<_> = places.collect();
        let long = stood.iter().map(|one| one.long).max().unwrap_or_default();
        format!("it has not gone on for {} s: {}", long.as_secs(), places.join(", "))
    };
    by_stage.into_iter().map(|(stage, stood)| (stage, sentence(stood))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const AT: TopicPartition = TopicPartition::new(Topic::Silver, 1);

    fn looks(standing: &mut Standing, now: Instant, position: u64, end: Option<u64>) -> usize {
        standing.look(&[Position { at: AT, position, end }], now, LONG).len()
    }

    #[test]
    fn a_partition_stands_once_it_has_not_moved_for_long_and_something_waits() {
        let (mut standing, began) = (Standing::default(), Instant::now());
        assert_eq!(looks(&mut standing, began, 5, Some(9)), 0);
        assert_eq!(looks(&mut standing, began + LONG / 2, 5, Some(90)), 0);
        assert_eq!(looks(&mut standing, began + LONG, 5, Some(91)), 1);
        assert_eq!(looks(&mut standing, began + LONG, 6, Some(91)), 0, "it moved");
    }

    #[test]
    fn what_has_nothing_to_do_does_not_stand_however_long() {
        let (mut standing, began) = (Standing::default(), Instant::now());
        looks(&mut standing, began, 5, Some(5));
        assert_eq!(looks(&mut standing, began + LONG, 5, Some(5)), 0);
        assert_eq!(looks(&mut standing, began + LONG, 5, Some(6)), 0, "it begins to stand now");
    }

    #[test]
    fn while_the_end_is_not_known_nothing_is_judged() {
        let (mut standing, began) = (Standing::default(), Instant::now());
        looks(&mut standing, began, 5, Some(9));
        assert_eq!(looks(&mut standing, began + LONG, 5, None), 0);
        assert_eq!(looks(&mut standing, began + LONG, 5, Some(9)), 0);
    }

    #[test]
    fn each_stage_has_one_sentence() {
        let stood = |at, position| Stood { at, position, end: 9, long: LONG };
        let other = TopicPartition::new(Topic::Silver, 0);
        let told = sentences(&[stood(other, 2), stood(AT, 3)]);
        let expected = "it has not gone on for 30 s: silver/0 at 2 of 9, silver/1 at 3 of 9";
        assert_eq!(told, [("gold", expected.to_owned())].into());
    }
}
