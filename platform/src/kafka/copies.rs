//! Whether there are as many brokers as copies of a topic are wanted. Which there are is asked; nothing is made.

use super::admin::{KafkaTopics, TopicsError};

/// What brokers of a company make of a topic where nothing else is said.
const COPIES_USUAL: u32 = 3;

impl KafkaTopics {
    /// Copies that must have a record want as many brokers: else a topic is made that takes no row, ever.
    ///
    /// # Errors
    /// [`TopicsError::FewBrokers`], which more of them mend.
    pub(super) async fn must_have_brokers_to_write(&self) -> Result<(), TopicsError> {
        match self.settings.min_insync {
            Some(copies @ 2..) => {
                self.must_have_brokers(copies, format!("--min-insync {copies}")).await
            }
            _ => Ok(()),
        }
    }

    /// As many brokers as a topic is to have copies, whether that is said here or by them.
    ///
    /// # Errors
    /// [`TopicsError::FewBrokers`].
    pub(super) async fn must_have_brokers_for_copies(&self) -> Result<(), TopicsError> {
        match self.settings.replication {
            Some(copies) => self.must_have_brokers(copies, format!("--replication {copies}")).await,
            None => {
                self.must_have_brokers(COPIES_USUAL, "its default.replication.factor".to_owned())
                    .await
            }
        }
    }

    async fn must_have_brokers(&self, copies: u32, wanted: String) -> Result<(), TopicsError> {
        if self.found().await?.brokers >= copies as usize {
            return Ok(());
        }
        Err(TopicsError::FewBrokers { brokers: self.settings.brokers.clone(), wanted })
    }
}
