//! The topics of all generations under a prefix: which there are, and removing them. Those of one generation are
//! made in `derived`.

use super::admin::{KafkaTopics, TopicsError};
use super::names::Names;
use crate::limits::{ASK_MAX, RETRY_FIRST, TOPICS_VISIBLE_MAX};
use crate::log::Topic;
use rdkafka::metadata::MetadataTopic;
use std::sync::Arc;
use std::time::Instant;

impl KafkaTopics {
    /// The same prefix, as that generation has it.
    #[must_use]
    pub fn of_generation(&self, generation: u32) -> Self {
        let mut this = self.clone();
        this.settings.generation = generation;
        this.names = Names::new(&this.settings.prefix, generation);
        this
    }

    /// The highest number of a generation that has a topic; none where none has.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn highest_generation(&self) -> Result<Option<u32>, TopicsError> {
        let names = self.all().await?;
        let prefix = self.names.prefix();
        Ok(names.iter().filter_map(|name| Names::generation_of(prefix, name)).max())
    }

    /// Whether a topic has ever had a record; none where that is not told.
    pub async fn has_had_records(&self, topic: Topic, partitions: u32) -> Option<bool> {
        let (client, name) = (Arc::clone(&self.client), self.names.topic(topic).to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let mut ends = (0..partitions as i32).map(|partition| {
                client.inner().fetch_watermarks(&name, partition, ASK_MAX).map(|(_, end)| end)
            });
            ends.try_fold(false, |has_had, end| end.map(|end| has_had || end > 0)).ok()
        });
        asked.await.ok().flatten()
    }

    /// All topics of the prefix, of every generation, in the order of their names.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn all(&self) -> Result<Vec<String>, TopicsError> {
        let metadata = self.metadata().await?;
        let is_there = metadata.topics().iter().filter(|topic| topic.error().is_none());
        let is_ours = |name: &&str| {
            Topic::ALL.iter().any(|ours| self.names.topic(*ours) == *name)
                || Names::generation_of(self.names.prefix(), name).is_some()
        };
        let names = is_there.map(MetadataTopic::name).filter(is_ours);
        let mut names: Vec<_> = names.map(str::to_owned).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Removes the topics of the prefix, of every generation, and says which there were.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn remove(&self) -> Result<Vec<String>, TopicsError> {
        let names = self.all().await?;
        self.delete(&names).await?;
        // Those of other generations are waited for here.
        let until = Instant::now() + TOPICS_VISIBLE_MAX;
        while let Some(topic) = self.all().await?.into_iter().next() {
            if Instant::now() > until {
                return Err(TopicsError::Stays { topic });
            }
            tokio::time::sleep(RETRY_FIRST).await;
        }
        Ok(names)
    }
}
