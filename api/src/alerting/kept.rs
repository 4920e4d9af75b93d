//! A value that stands in the store as one document: read from there, and changed there by compare-and-set, so that
//! several servers keep one. It does not know what the value means.

use goldstream_platform::documents::{Documents, Replaced};
use goldstream_platform::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch as signal;

/// How often a change is tried anew where another server was faster.
const TRIES_MAX: usize = 16;

/// Where a value is, and what it is for people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The document's name.
    pub(crate) name: &'static str,
    /// `the book of alerts`.
    pub(crate) what: &'static str,
}

/// The value as it was read or written last.
pub(crate) struct Kept<T> {
    documents: Arc<dyn Documents>,
    place: Place,
    /// What it is where nobody has written it yet.
    first: Box<dyn Fn() -> T + Send + Sync>,
    known: Mutex<Option<(u64, T)>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
    /// Grows whenever the value is another.
    changes: signal::Sender<u64>,
}

impl<T: Clone + PartialEq + Serialize + DeserializeOwned> Kept<T> {
    /// One that was not read yet.
    pub(crate) fn new(
        documents: Arc<dyn Documents>,
        place: Place,
        first: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        Self {
            documents,
            place,
            first: Box::new(first),
            known: Mutex::new(None),
            changing: tokio::sync::Mutex::default(),
            changes: signal::Sender::new(0),
        }
    }

    /// To hear of every other value.
    pub(crate) fn changes(&self) -> signal::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What is known; none before it was read.
    pub(crate) fn value(&self) -> Option<T> {
        self.known().as_ref().map(|(_, value)| value.clone())
    }

    /// Reads it from the store: another server may have changed it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let Place { name, what } = self.place;
        let read = match self.documents.read(name).await? {
            None => (0, (self.first)()),
            Some(document) => {
                let value = serde_json::from_str(&document.text).map_err(|error| {
                    StoreError::Damaged(format!("{what} cannot be read: {error}"))
                })?;
                (document.revision, value)
            }
        };
        // Of what nobody has written yet the first stays.
        let is_same = self.known().as_ref().is_some_and(|(revision, _)| *revision == read.0);
        if !is_same {
            self.know(read);
        }
        Ok(())
    }

    /// Changes it in the store, and gives what the change gave when it was made for good. It is made anew where
    /// another server was faster; one that changes nothing writes nothing.
    ///
    /// # Errors
    /// [`StoreError`]
    pub(crate) async fn change<G>(
        &self,
        mut change: impl FnMut(&mut T) -> G,
    ) -> Result<G, StoreError> {
        let Place { name, what } = self.place;
        let _alone = self.changing.lock().await;
        for _ in 0..TRIES_MAX {
            if self.known().is_none() {
                self.refresh().await?;
            }
            let Some((revision, before)) = self.known().clone() else { continue };
            let mut value = before.clone();
            let given = change(&mut value);
            if value == before {
                return Ok(given);
            }
            let text = serde_json::to_string(&value).map_err(|error| {
                StoreError::Damaged(format!("{what} cannot be written: {error}"))
            })?;
            match self.documents.replace(name, revision, text).await? {
                Replaced::Done => {
                    self.know((revision + 1, value));
                    return Ok(given);
                }
                Replaced::Refused => self.refresh().await?,
            }
        }
        Err(StoreError::Unavailable(format!("other servers change {what} all the time")))
    }

    fn know(&self, known: (u64, T)) {
        *self.known() = Some(known);
        self.changes.send_modify(|number| *number += 1);
    }

    fn known(&self) -> MutexGuard<'_, Option<(u64, T)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
