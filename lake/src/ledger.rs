//! The ledger of a partition: one entry behind the other, each put only where none is. So of two writers one goes
//! on, and the other one hears of it.

use crate::entry::{Entry, FORMAT};
use crate::error::LakeError;
use crate::limits::ENTRIES_KEPT;
use crate::names::{self, DataName, Dataset, number_of};
use crate::objects::{Lake, Put};
use bytes::Bytes;
use goldstream_platform::log::TopicPartition;

/// A partition's ledger, as one writer sees it.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) lake: Lake,
    pub(crate) at: TopicPartition,
    /// No two writers have one name.
    pub(crate) writer: String,
}

impl Ledger {
    /// The newest entry; none in a lake that has nothing of it.
    pub(crate) async fn newest(&self) -> Result<Option<Entry>, LakeError> {
        loop {
            let listed = self.lake.list(&names::ledger(self.at)).await?;
            let newest = listed.iter().filter_map(number_of).max();
            let Some(number) = newest else { return Ok(None) };
            // Gone where others have written many meanwhile.
            if let Some(entry) = self.entry(number).await? {
                return Ok(Some(entry));
            }
        }
    }

    async fn entry(&self, number: u64) -> Result<Option<Entry>, LakeError> {
        let path = names::entry(self.at, number);
        let Some(bytes) = self.lake.get(&path).await? else { return Ok(None) };
        let entry: Entry =
            serde_json::from_slice(&bytes).map_err(|error| LakeError::damaged(&path, error))?;
        if entry.format != FORMAT {
            return Err(LakeError::Refused(format!(
                "{path} was written by another version of goldstream (form {}, this one knows {FORMAT}): write \
                 this lake with that version",
                entry.format
            )));
        }
        Ok(Some(entry))
    }

    /// Writes the entry behind the newest one.
    ///
    /// # Errors
    /// [`LakeError::Overtaken`] where another writer has.
    pub(crate) async fn append(&self, mut entry: Entry) -> Result<Entry, LakeError> {
        entry.writer.clone_from(&self.writer);
        let path = names::entry(self.at, entry.number);
        let json = serde_json::to_vec(&entry).map_err(|error| LakeError::damaged(&path, error))?;
        let json = Bytes::from(json);
        if self.lake.put_once(&path, json.clone()).await? == Put::WasThere
            && self.lake.get(&path).await? != Some(json)
        {
            return Err(self.overtaken());
        }
        // Its place may be free because those of long ago were removed: then there are later ones.
        let behind = self.lake.list_behind(&names::ledger(self.at), &path).await?;
        if behind.iter().filter_map(number_of).any(|number| number > entry.number) {
            return Err(self.overtaken());
        }
        if let Some(old) = entry.number.checked_sub(ENTRIES_KEPT) {
            self.lake.remove(&names::entry(self.at, old)).await?;
        }
        Ok(entry)
    }

    /// What came of something, where the entry that it was done by is still the newest: else a file that is gone
    /// says nothing.
    pub(crate) async fn unless_overtaken<T>(
        &self,
        by: &Entry,
        came: Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        if matches!(came, Err(LakeError::Refused(_)))
            && self.newest().await?.is_some_and(|newest| newest.number != by.number)
        {
            return Err(self.overtaken());
        }
        came
    }

    fn overtaken(&self) -> LakeError {
        LakeError::Overtaken(self.at.to_string())
    }

    /// Removes files that are nobody's: of writers that stood still for so long that others have gone on.
    pub(crate) async fn sweep(&self, entry: &Entry) -> Result<(), LakeError> {
        for dataset in Dataset::of(self.at.topic) {
            let known = entry.spans(dataset);
            let is_left = |name: &DataName| entry.is_left_over(&known, name);
            self.lake.remove_data(dataset, is_left).await?;
        }
        Ok(())
    }
}
