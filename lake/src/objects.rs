//! The objects of a lake: read, put once, listed, removed. It knows no rows.

use crate::error::LakeError;
use crate::halves;
use crate::limits::{IN_FLIGHT_MAX, RETRY_FIRST};
use crate::names::{DataName, Dataset};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use goldstream_platform::limits::RETRY_LAST;
use object_store::path::Path;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A lake. Cheap to clone.
#[derive(Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    address: Arc<str>,
    /// Where it is a folder, that.
    folder: Option<PathBuf>,
}

impl fmt::Debug for Lake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lake({})", self.address)
    }
}

/// What became of a put that must not replace anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is there.
    Done,
    /// Something was there before, perhaps of this very put, whose answer was lost.
    WasThere,
}

impl Lake {
    /// Over these objects; `address` is for people.
    pub(crate) fn new(store: Arc<dyn ObjectStore>, address: impl Into<Arc<str>>) -> Self {
        Self { store, address: address.into(), folder: None }
    }

    /// In this folder.
    pub(crate) fn in_folder(self, folder: &std::path::Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self }
    }

    /// Removes halves of files that who was killed has left in a folder.
    pub(crate) fn sweep_halves(&self) {
        if let Some(folder) = &self.folder
            && let Err(error) = halves::sweep(folder)
        {
            tracing::debug!(%error, "halves of files could not be removed");
        }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sees whether it can be written, and leaves nothing behind.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn probe(&self) -> Result<(), LakeError> {
        let path = Path::from(format!("_probe.{}", std::process::id()));
        let words = Bytes::from_static(b"goldstream looks whether it can write here");
        self.put_once(&path, words.clone()).await?;
        let refused = self.must_refuse(&path, words).await;
        self.remove(&path).await?;
        refused
    }

    /// Sees that what is there is not replaced: of two writers one must hear of the other.
    pub(crate) async fn must_refuse(&self, path: &Path, bytes: Bytes) -> Result<(), LakeError> {
        match self.put_once(path, bytes).await? {
            Put::WasThere => Ok(()),
            Put::Done => Err(LakeError::Refused(format!(
                "{} replaces what is there where that is forbidden (If-None-Match): a lake wants a store that \
                 does not",
                self.address
            ))),
        }
    }

    /// What stands there, if something does.
    pub(crate) async fn get(&self, path: &Path) -> Result<Option<Bytes>, LakeError> {
        match self.store.get(path).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            // A folder that is to be made, too; a bucket that is not there is found when something is put.
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What must stand there.
    pub(crate) async fn must_get(&self, path: &Path) -> Result<Bytes, LakeError> {
        let found = self.get(path).await?;
        found.ok_or_else(|| LakeError::damaged(path, "it is not there any more"))
    }

    /// Puts it there, unless something is.
    pub(crate) async fn put_once(&self, path: &Path, bytes: Bytes) -> Result<Put, LakeError> {
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(path, PutPayload::from_bytes(bytes), options).await {
            Ok(_) => Ok(Put::Done),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                Ok(Put::WasThere)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Puts it there in place of what is.
    pub(crate) async fn put(&self, path: &Path, bytes: Bytes) -> Result<(), LakeError> {
        self.store.put(path, PutPayload::from_bytes(bytes)).await?;
        Ok(())
    }

    /// Removes it, if it is there.
    pub(crate) async fn remove(&self, path: &Path) -> Result<(), LakeError> {
        match self.store.delete(path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts all of them, each unless something is there.
    pub(crate) async fn put_all_once(&self, files: Vec<(Path, Bytes)>) -> Result<(), LakeError> {
        let puts = stream::iter(files).map(|(path, bytes)| async move {
            match self.put_once(&path, bytes).await? {
                Put::Done => Ok(()),
                Put::WasThere => self.must_have(&path).await,
            }
        });
        puts.buffer_unordered(IN_FLIGHT_MAX).try_collect().await
    }

    /// Another put of it may have been refused, and still not have come to its end.
    async fn must_have(&self, path: &Path) -> Result<(), LakeError> {
        match self.store.head(path).await {
            Ok(_) => Ok(()),
            Err(StoreError::NotFound { .. }) => {
                Err(LakeError::Unavailable(format!("{path} is being put by somebody else")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Removes those of them that are there.
    pub(crate) async fn remove_all(&self, paths: Vec<Path>) -> Result<(), LakeError> {
        let removals = stream::iter(paths).map(|path| async move { self.remove(&path).await });
        removals.buffer_unordered(IN_FLIGHT_MAX).try_collect().await
    }

    /// All objects of a folder and those in it, by name.
    pub(crate) async fn list(&self, folder: &Path) -> Result<Vec<Path>, LakeError> {
        self.listed(self.store.list(Some(folder))).await
    }

    /// The files of a table, by name. What is called otherwise is none of ours.
    pub(crate) async fn data_files(&self, dataset: Dataset) -> Result<Vec<DataName>, LakeError> {
        let listed = self.list(&Path::from(dataset.folder())).await?;
        let names = listed.iter().filter_map(|path| DataName::parse(dataset, path.as_ref()));
        Ok(names.collect())
    }

    /// Removes those of a table for which that holds.
    pub(crate) async fn remove_data(
        &self,
        dataset: Dataset,
        is_to_go: impl Fn(&DataName) -> bool,
    ) -> Result<(), LakeError> {
        let names = self.data_files(dataset).await?;
        let gone = names.iter().filter(|name| is_to_go(name)).map(|name| Path::from(name.path()));
        self.remove_all(gone.collect()).await
    }

    /// Those of a folder that are called later than that.
    pub(crate) async fn list_behind(
        &self,
        folder: &Path,
        name: &Path,
    ) -> Result<Vec<Path>, LakeError> {
        self.listed(self.store.list_with_offset(Some(folder), name)).await
    }

    async fn listed(
        &self,
        listing: impl futures::Stream<Item = Result<object_store::ObjectMeta, StoreError>> + Send,
    ) -> Result<Vec<Path>, LakeError> {
        let found: Result<Vec<_>, _> = listing.map_ok(|it| it.location).try_collect().await;
        match found {
            Ok(mut paths) => {
                paths.sort_unstable();
                Ok(paths)
            }
            Err(StoreError::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Waits between tries of something.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(RETRY_FIRST)
    }
}

impl Backoff {
    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(RETRY_LAST);
    }
}
