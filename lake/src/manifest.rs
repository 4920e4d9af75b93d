//! What a lake is as a whole: of which store its rows are, and by which rules they were counted.

use crate::error::LakeError;
use crate::names::MANIFEST;
use crate::objects::{Lake, Put};
use bytes::Bytes;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

/// The form of what is written here.
const FORMAT: u32 = 1;

/// Written when a lake is begun, and again where the rules are others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// Partitions of each topic.
    pub partitions: u32,
    /// How many days a purchase may lie ahead of its ingestion.
    pub future_days: u32,
}

impl Manifest {
    /// Of a store with these settings.
    #[must_use]
    pub const fn new(partitions: u32, future_days: u32) -> Self {
        Self { format: FORMAT, partitions, future_days }
    }

    /// That of a lake; none where there is no lake yet.
    ///
    /// # Errors
    /// [`LakeError`].
    pub async fn found(lake: &Lake) -> Result<Option<Self>, LakeError> {
        let path = Path::from(MANIFEST);
        let Some(bytes) = lake.get(&path).await? else { return Ok(None) };
        let found: Self =
            serde_json::from_slice(&bytes).map_err(|error| LakeError::damaged(&path, error))?;
        if found.format != FORMAT {
            return Err(LakeError::Refused(format!(
                "the lake {} was written by another version of goldstream (form {}, this one knows {FORMAT})",
                lake.address(),
                found.format
            )));
        }
        Ok(Some(found))
    }

    /// Begins the lake, or sees that it is one of such a store.
    ///
    /// # Errors
    /// [`LakeError::Refused`] where it is not.
    pub async fn begin(&self, lake: &Lake) -> Result<(), LakeError> {
        let path = Path::from(MANIFEST);
        let json = serde_json::to_vec(self).map_err(|error| LakeError::damaged(&path, error))?;
        let json = Bytes::from(json);
        if lake.put_once(&path, json.clone()).await? == Put::Done {
            return lake.must_refuse(&path, json).await;
        }
        let found = Self::found(lake).await?;
        if found.as_ref().is_some_and(|found| found.partitions != self.partitions) {
            return Err(LakeError::Refused(format!(
                "the lake {} is of a store with {} partitions, this one has {}: give every store a lake of its own",
                lake.address(),
                found.map_or(0, |found| found.partitions),
                self.partitions
            )));
        }
        if found.as_ref() != Some(self) {
            // All is counted by other rules now.
            lake.put(&path, json).await?;
        }
        Ok(())
    }
}
