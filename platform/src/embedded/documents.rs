//! Documents in a table of their own. Each replacement is a transaction by itself, in between those of the
//! writer; who asks for it waits on a thread where waiting harms nobody.

use super::damage::caught;
use super::file::{DOCUMENTS, File, FileError};
use super::handle::Embedded;
use super::shared::Shared;
use crate::documents::{Document, Documents, Replaced};
use crate::store::StoreError;
use futures::FutureExt;
use futures::future::BoxFuture;
use redb::{ReadableDatabase, ReadableTable};
use std::sync::Arc;

impl File {
    fn document(&self, name: &str) -> Result<Option<Document>, FileError> {
        let documents = self.database().begin_read()?.open_table(DOCUMENTS)?;
        let stored = documents.get(name)?;
        Ok(stored.map(|stored| {
            let (revision, text) = stored.value();
            Document { revision, text: text.to_owned() }
        }))
    }

    fn replace(&self, name: &str, revision: u64, text: &str) -> Result<Replaced, FileError> {
        let write = self.begin_write()?;
        {
            let mut documents = write.transaction().open_table(DOCUMENTS)?;
            let stored = documents.get(name)?.map_or(0, |stored| stored.value().0);
            if stored != revision {
                return Ok(Replaced::Refused);
            }
            documents.insert(name, (revision + 1, text))?;
        }
        write.commit()?;
        Ok(Replaced::Done)
    }
}

/// What `work` gives on a thread that may wait.
fn aside<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&File) -> Result<T, FileError> + Send + 'static,
) -> BoxFuture<'static, Result<T, StoreError>> {
    let shared = Arc::clone(shared);
    async move {
        let worked = tokio::task::spawn_blocking(move || caught(|| work(&shared.file)));
        match worked.await {
            Ok(Ok(given)) => Ok(given),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Unavailable("it broke off".to_owned())),
        }
    }
    .boxed()
}

impl Documents for Embedded {
    fn read(&self, name: &'static str) -> BoxFuture<'static, Result<Option<Document>, StoreError>> {
        aside(&self.shared, move |file| file.document(name))
    }

    fn replace(
        &self,
        name: &'static str,
        revision: u64,
        text: String,
    ) -> BoxFuture<'static, Result<Replaced, StoreError>> {
        // What could not be written is told by the writer; nothing is written after that.
        if self.has_failed() {
            let reason = "the file cannot be written any more".to_owned();
            return async move { Err(StoreError::Unavailable(reason)) }.boxed();
        }
        aside(&self.shared, move |file| file.replace(name, revision, &text))
    }
}
