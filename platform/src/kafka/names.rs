//! Names of topics and groups under one prefix. What follows from bronze has those of its generation; the first
//! one's have no number.

use crate::generations::ROWS;
use crate::log::{Topic, TopicPartition};

/// The names of one prefix and one generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    prefix: String,
    generation: u32,
    topics: [String; 4],
}

impl Names {
    pub(super) fn new(prefix: &str, generation: u32) -> Self {
        let name = |topic| match topic {
            Topic::Silver | Topic::Quarantine if generation != ROWS => {
                format!("{prefix}.{topic}.{generation}")
            }
            topic => format!("{prefix}.{topic}"),
        };
        Self { prefix: prefix.to_owned(), generation, topics: Topic::ALL.map(name) }
    }

    /// The generation that has a topic of this name, where it is one that follows from bronze.
    pub(super) fn generation_of(prefix: &str, topic: &str) -> Option<u32> {
        let name = topic.strip_prefix(prefix)?.strip_prefix('.')?;
        let number =
            ["silver", "quarantine"].iter().find_map(|derived| name.strip_prefix(derived))?;
        match number.strip_prefix('.') {
            None if number.is_empty() => Some(ROWS),
            None => None,
            Some(number) => number.parse().ok().filter(|parsed: &u32| parsed.to_string() == number),
        }
    }

    pub(super) fn topic(&self, topic: Topic) -> &str {
        let place = Topic::ALL.iter().position(|known| *known == topic).unwrap_or(0);
        &self.topics[place]
    }

    /// The partition that Kafka calls so.
    pub(super) fn find(&self, topic: &str, partition: i32) -> Option<TopicPartition> {
        let place = self.topics.iter().position(|known| known == topic)?;
        let partition = u32::try_from(partition).ok()?;
        Some(TopicPartition::new(*Topic::ALL.get(place)?, partition))
    }

    /// The stage that reads these topics.
    pub(super) fn stage(topics: &[Topic]) -> &'static str {
        let has_bronze = topics.iter().any(|topic| matches!(topic, Topic::Bronze(_)));
        match (has_bronze, topics.contains(&Topic::Silver)) {
            (true, true) => "lake",
            (false, true) => "gold",
            (_, false) => "silver",
        }
    }

    /// The group of that stage. A member that comes back is given what its group remembers, so
    /// topics made anew with another number of partitions need another group.
    pub(super) fn group(&self, stage: &str, partitions: u32) -> String {
        format!("{}-{stage}-{partitions}", self.scope())
    }

    /// What groups begin with, and under which names of consumers are taken: each generation has its own.
    pub(super) fn scope(&self) -> String {
        match self.generation {
            ROWS => self.prefix.clone(),
            number => format!("{}-g{number}", self.prefix),
        }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;

    #[test]
    fn topics_are_named_as_the_contract_says_and_found_by_name() {
        let names = Names::new("shop", 0);
        assert_eq!(names.topic(Topic::Bronze(Kind::Purchases)), "shop.bronze.purchases");
        assert_eq!(names.topic(Topic::Quarantine), "shop.quarantine");
        let at = TopicPartition::new(Topic::Silver, 3);
        assert_eq!(names.find("shop.silver", 3), Some(at));
        assert_eq!(names.find("other.silver", 3), None);
        assert_eq!(names.group(Names::stage(&[Topic::Silver]), 4), "shop-gold-4");
    }

    #[test]
    fn a_later_generation_has_derived_topics_and_groups_of_its_own() {
        let names = Names::new("shop", 3);
        assert_eq!(names.topic(Topic::Bronze(Kind::Purchases)), "shop.bronze.purchases");
        assert_eq!(names.topic(Topic::Silver), "shop.silver.3");
        assert_eq!(names.group("gold", 4), "shop-g3-gold-4");
        let of = |topic| Names::generation_of("shop", topic);
        assert_eq!((of("shop.silver"), of("shop.quarantine.12")), (Some(0), Some(12)));
        for other in ["shop.bronze.customers", "shop.silver.x", "shop.silver.01", "shop2.silver"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
