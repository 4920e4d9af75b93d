//! Removing what was folded from bronze, so that it is folded again: the state of silver and gold. What is
//! known of sources is bronze's, and stays.
//!
//! A mark in the topology stands from before the first key goes until all is as it must be. While it stands,
//! no shard is loaded and no process begins, so what was left half done is never taken for whole. The store is
//! another one afterwards, by its id.

use super::client::RedisClient;
use super::error::OpenError;
use super::keys::Keys;
use super::links::Links;
use super::reply;
use super::topology::{self, StoredTopology, establish, random_id, refusal, stored};
use crate::store::{ShardId, StoreError};
use crate::topology::Topology;
use ::redis::cmd;

/// What a prefix holds, before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, or nothing any more.
    Empty,
    /// A store of these settings.
    Stored(Topology),
    /// A rebuild was begun and has not ended; the sentence says what to do.
    HalfRebuilt(String),
}

/// A rebuild that is under way. Of two, the later one goes on alone.
#[derive(Debug)]
pub struct Rebuild {
    client: RedisClient,
    stored: StoredTopology,
    was_begun: bool,
}

impl RedisClient {
    /// What stands under the prefix.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        let (links, keys) = (self.links.clone(), self.keys.clone());
        let ask = async move {
            Ok(match stored(&links, &keys).await? {
                None => Standing::Empty,
                Some(stored) if stored.rebuild_id.is_some() => {
                    Standing::HalfRebuilt(topology::half_done(&keys))
                }
                Some(stored) => Standing::Stored(stored.topology),
            })
        };
        self.thread.run(ask).await
    }

    /// Whether anything was folded from bronze: its log is then more than it can be made of again by itself.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn has_folded(&self, partitions: u32) -> Result<bool, StoreError> {
        let (links, keys) = (self.links.clone(), self.keys.clone());
        let ask = async move {
            for shard in ShardId::derived(partitions) {
                let head = keys.head(&shard);
                let position = links.query(cmd("HGET").arg(&head).arg("position")).await?;
                if reply::number(position).is_some_and(|position| position > 0) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        self.thread.run(ask).await
    }

    /// Sets the mark, on a store of these settings or in place of none. One that was set before is taken over.
    ///
    /// # Errors
    /// [`OpenError::OtherTopology`] where it was made with other settings, else [`OpenError::Store`].
    pub async fn begin_rebuild(&self, wanted: &Topology) -> Result<Rebuild, OpenError> {
        let (links, keys, topology) = (self.links.clone(), self.keys.clone(), wanted.clone());
        let begin = async move { begin(&links, &keys, &topology).await };
        let (stored, was_begun) = self.thread.run::<_, OpenError, _>(begin).await?;
        Ok(Rebuild { client: self.clone(), stored, was_begun })
    }
}

async fn begin(
    links: &Links,
    keys: &Keys,
    wanted: &Topology,
) -> Result<(StoredTopology, bool), OpenError> {
    let found = establish(links, keys, wanted).await?;
    if found.topology != *wanted {
        let sentence = refusal(links.site(), keys, &found.topology, wanted);
        return Err(OpenError::OtherTopology(sentence));
    }
    let was_begun = found.rebuild_id.is_some();
    let marked = found.under_rebuild(&random_id());
    marked.write(links, keys).await?;
    Ok((marked, was_begun))
}

impl Rebuild {
    /// Whether it goes on with one that was left half done.
    #[must_use]
    pub fn was_begun_before(&self) -> bool {
        self.was_begun
    }

    /// Takes the mark back where nothing was removed: a store that was found half done stays so.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn abandon(self) -> Result<(), StoreError> {
        if self.was_begun {
            return Ok(());
        }
        self.replace(StoredTopology { rebuild_id: None, ..self.stored.clone() }).await
    }

    /// Removes the state of every shard that follows from bronze, each in one command.
    ///
    /// # Errors
    /// [`StoreError`]; another call removes the rest.
    pub async fn forget(&self) -> Result<(), StoreError> {
        self.must_be_the_only_one().await?;
        let (links, keys) = (self.client.links.clone(), self.client.keys.clone());
        let partitions = self.stored.topology.partitions;
        let forget = async move {
            for shard in ShardId::derived(partitions) {
                let mut delete = cmd("UNLINK");
                delete.arg(keys.head(&shard)).arg(keys.beside_head(&shard));
                // Positions of the silver that goes.
                if let ShardId::Gold(partition) = shard {
                    delete.arg(keys.skips(partition));
                }
                links.query(&delete).await?;
            }
            Ok(())
        };
        self.client.thread.run(forget).await
    }

    /// Fails where another rebuild has begun since.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn must_be_the_only_one(&self) -> Result<(), StoreError> {
        let (links, keys) = (self.client.links.clone(), self.client.keys.clone());
        let found = self.client.thread.run(async move { stored(&links, &keys).await }).await?;
        match found {
            Some(found) if found.rebuild_id == self.stored.rebuild_id => Ok(()),
            _ => Err(StoreError::Unavailable(
                "another rebuild of the same prefix has begun, or the store was emptied; this one ends"
                    .to_owned(),
            )),
        }
    }

    /// Takes the mark away from a store that begins anew.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn end(self) -> Result<(), StoreError> {
        self.must_be_the_only_one().await?;
        self.replace(StoredTopology::new(&self.stored.topology)).await
    }

    async fn replace(&self, with: StoredTopology) -> Result<(), StoreError> {
        let (links, keys) = (self.client.links.clone(), self.client.keys.clone());
        self.client.thread.run(async move { with.write(&links, &keys).await }).await
    }
}
