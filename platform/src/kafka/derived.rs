//! The topics that follow from bronze, silver and quarantine: whether they are missing, and making them
//! anew. It never touches a bronze topic.

use super::admin::{Found, KafkaTopics, TopicsError};
use super::client::{GroupMember, members_of};
use super::config::client_id;
use crate::limits::ASK_MAX;
use crate::log::Topic;
use goldstream_domain::column::Kind;

/// What is made again from bronze.
const DERIVED: [Topic; 2] = [Topic::Silver, Topic::Quarantine];

impl KafkaTopics {
    /// Whether some of the prefix's topics are there and others are not.
    ///
    /// # Errors
    /// The first that is not, with the way out.
    pub fn must_be_whole(&self, found: &Found) -> Result<(), TopicsError> {
        self.must_have(found, &Topic::ALL)
    }

    /// Whether the topics of rows are there, with this number of partitions.
    ///
    /// # Errors
    /// The first that is not.
    pub fn must_have_bronze(&self, found: &Found, partitions: u32) -> Result<(), TopicsError> {
        let bronze = Topic::ALL.into_iter().filter(|topic| !DERIVED.contains(topic));
        let bronze: Vec<_> = bronze.collect();
        self.must_have(found, &bronze)?;
        let names = bronze.iter().map(|topic| self.names.topic(*topic));
        let counts = names.filter_map(|name| Some((name.to_owned(), *found.topics.get(name)?)));
        Found { topics: counts.collect(), ..Found::default() }.check(partitions)
    }

    /// How many partitions the topics of rows have.
    ///
    /// # Errors
    /// [`TopicsError`], also where one is not there.
    pub async fn bronze_partitions(&self) -> Result<u32, TopicsError> {
        let found = self.found().await?;
        let purchases = Topic::Bronze(Kind::Purchases);
        let count = found.topics.get(self.names.topic(purchases)).copied();
        count.ok_or_else(|| TopicsError::gone(&self.names, purchases))
    }

    fn must_have(&self, found: &Found, topics: &[Topic]) -> Result<(), TopicsError> {
        let is_there = |topic: &Topic| found.topics.contains_key(self.names.topic(*topic));
        match topics.iter().find(|topic| !is_there(topic)) {
            Some(topic) => Err(TopicsError::gone(&self.names, *topic)),
            None => Ok(()),
        }
    }

    /// The names of the topics that follow from bronze.
    #[must_use]
    pub fn derived(&self) -> Vec<String> {
        DERIVED.iter().map(|topic| self.names.topic(*topic).to_owned()).collect()
    }

    /// Deletes the topics that follow from bronze, whatever stands in them.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn remove_derived(&self) -> Result<(), TopicsError> {
        let found = self.found().await?;
        let names: Vec<_> =
            self.derived().into_iter().filter(|name| found.topics.contains_key(name)).collect();
        self.delete(&names).await
    }

    /// Makes them, empty, with as many copies as bronze has where nothing else is set.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn make_derived(&self, partitions: u32) -> Result<(), TopicsError> {
        let found = self.found().await?;
        let copies = found.copies.values().copied().min().filter(|copies| *copies > 0);
        let mut this = self.clone();
        this.settings.replication = this.settings.replication.or(copies);
        this.make(partitions).await
    }

    /// Who is a member of the stages' groups.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn members(&self, partitions: u32) -> Result<Vec<GroupMember>, TopicsError> {
        let mut members = Vec::new();
        for stage in ["silver", "gold"] {
            members.extend(self.members_of(self.names.group(stage, partitions)).await?);
        }
        Ok(members)
    }

    /// As [`Self::members`], but only those that have a name of their own.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn named_members(&self, partitions: u32) -> Result<Vec<GroupMember>, TopicsError> {
        let mut members = self.members(partitions).await?;
        let unnamed = client_id(&self.settings);
        members.retain(|member| member.name != unnamed);
        Ok(members)
    }

    async fn members_of(&self, group: String) -> Result<Vec<GroupMember>, TopicsError> {
        let (client, asked) = (self.client.clone(), group.clone());
        let ask = tokio::task::spawn_blocking(move || members_of(client.inner(), &asked, ASK_MAX));
        let refused = |error: &dyn std::fmt::Display| TopicsError::Groups {
            group: group.clone(),
            reason: error.to_string(),
        };
        let listed = ask.await.map_err(|error| refused(&error))?;
        listed.map_err(|error| refused(&error))
    }
}
