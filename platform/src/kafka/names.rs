//! Names of topics and groups under one prefix.

use crate::log::{Topic, TopicPartition};

/// The names of one prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    prefix: String,
    topics: [String; 4],
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            topics: Topic::ALL.map(|topic| format!("{prefix}.{topic}")),
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
        if topics.contains(&Topic::Silver) { "gold" } else { "silver" }
    }

    /// The group of that stage. A member that comes back is given what its group remembers, so
    /// topics made anew with another number of partitions need another group.
    pub(super) fn group(&self, stage: &str, partitions: u32) -> String {
        format!("{}-{stage}-{partitions}", self.prefix)
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
        let names = Names::new("shop");
        assert_eq!(names.topic(Topic::Bronze(Kind::Purchases)), "shop.bronze.purchases");
        assert_eq!(names.topic(Topic::Quarantine), "shop.quarantine");
        let at = TopicPartition::new(Topic::Silver, 3);
        assert_eq!(names.find("shop.silver", 3), Some(at));
        assert_eq!(names.find("other.silver", 3), None);
        assert_eq!(names.group(Names::stage(&[Topic::Silver]), 4), "shop-gold-4");
    }
}
