//! The book of incidents as this server has it: read from the store, changed there by compare-and-set, so that
//! several servers keep one book. Who watches steps it (`watch`); who sends takes messages from it. It sends
//! nothing and is in nobody's way.

mod row;
mod shop;
pub(crate) mod watch;

pub(crate) use row::Alert;

use goldstream_alerts::book::Book;
use goldstream_alerts::incident::Incident;
use goldstream_alerts::outbox::{Message, Turn};
use goldstream_alerts::words::{Language, Letter, Words};
use goldstream_platform::documents::{Documents, Replaced};
use goldstream_platform::settings::{AlertsSettings, Currency, Receiver};
use goldstream_platform::store::StoreError;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch as signal;

/// Its name in the store.
const DOCUMENT: &str = "alerts";

/// How often a change is tried anew where another server was faster.
const TRIES_MAX: usize = 16;

/// The book as it was read or written last. Cheap to clone.
#[derive(Clone)]
pub struct Alerting {
    shared: Arc<Shared>,
}

struct Shared {
    documents: Arc<dyn Documents>,
    settings: Option<AlertsSettings>,
    currency: Currency,
    page: String,
    known: Mutex<Option<(u64, Book)>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
    /// Grows whenever the book is another.
    changes: signal::Sender<u64>,
    new_shop: fn() -> String,
}

/// A message as it is sent, whichever way.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The same however often it is sent, and of no other shop.
    pub id: String,
    /// For people.
    pub letter: Letter,
    /// For programs.
    pub details: Value,
}

/// What an alerting is made of.
pub struct Surroundings {
    /// Where the book is.
    pub documents: Arc<dyn Documents>,
    /// Who is told what; where there are none, the book is shown and stays as it is.
    pub settings: Option<AlertsSettings>,
    /// What the amounts are in.
    pub currency: Currency,
    /// Where the page is.
    pub page: String,
    /// A name for a shop that has none yet, which nobody else has.
    pub new_shop: fn() -> String,
}

impl Alerting {
    /// One that has read nothing yet.
    #[must_use]
    pub fn new(of: Surroundings) -> Self {
        let Surroundings { documents, settings, currency, page, new_shop } = of;
        let (known, changing) = (Mutex::default(), tokio::sync::Mutex::default());
        let changes = signal::Sender::new(0);
        Self {
            shared: Arc::new(Shared {
                documents,
                settings,
                currency,
                page,
                known,
                changing,
                changes,
                new_shop,
            }),
        }
    }

    /// Who is told what, where somebody is.
    #[must_use]
    pub fn settings(&self) -> Option<&AlertsSettings> {
        self.shared.settings.as_ref()
    }

    /// The names of those who are sent messages.
    #[must_use]
    pub fn receivers(&self) -> Vec<String> {
        let all = self.settings().map(|settings| &*settings.receivers).unwrap_or_default();
        all.iter().filter(|it| **it != Receiver::Browser).map(Receiver::name).collect()
    }

    /// In which words.
    #[must_use]
    pub fn words<'a>(&'a self, currency: &'a str) -> Words<'a> {
        let settings = self.settings();
        let language = settings.map_or(Language::En, |settings| settings.language);
        let page = settings.and_then(|settings| settings.page.as_deref());
        Words { language, currency, page: page.unwrap_or(&self.shared.page) }
    }

    /// The code of the currency.
    #[must_use]
    pub fn currency(&self) -> String {
        self.shared.currency.to_string()
    }

    /// To hear of every other book.
    #[must_use]
    pub fn changes(&self) -> signal::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// The book as it is known; an empty one before it was read.
    #[must_use]
    pub fn book(&self) -> Book {
        self.known().as_ref().map(|(_, book)| book.clone()).unwrap_or_default()
    }

    /// Reads the book from the store: another server may have changed it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let read = match self.shared.documents.read(DOCUMENT).await? {
            None => (0, Book::new(&(self.shared.new_shop)())),
            Some(document) => {
                let book = serde_json::from_str(&document.text).map_err(|error| {
                    StoreError::Damaged(format!("the book of alerts cannot be read: {error}"))
                })?;
                (document.revision, book)
            }
        };
        // Of a book that nobody has written yet the first name stays.
        let is_same = self.known().as_ref().is_some_and(|(revision, _)| *revision == read.0);
        if !is_same {
            self.know(read);
        }
        Ok(())
    }

    /// Changes the book in the store, and gives what the change gave when it was made for good. It is made anew
    /// where another server was faster; one that changes nothing writes nothing.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn change<T>(&self, mut change: impl FnMut(&mut Book) -> T) -> Result<T, StoreError> {
        let _alone = self.shared.changing.lock().await;
        for _ in 0..TRIES_MAX {
            if self.known().is_none() {
                self.refresh().await?;
            }
            let Some((revision, before)) = self.known().clone() else { continue };
            let mut book = before.clone();
            let given = change(&mut book);
            if book == before {
                return Ok(given);
            }
            let text = serde_json::to_string(&book).map_err(|error| {
                StoreError::Damaged(format!("the book of alerts cannot be written: {error}"))
            })?;
            match self.shared.documents.replace(DOCUMENT, revision, text).await? {
                Replaced::Done => {
                    self.know((revision + 1, book));
                    return Ok(given);
                }
                Replaced::Refused => self.refresh().await?,
            }
        }
        Err(StoreError::Unavailable(
            "other servers change the book of alerts all the time".to_owned(),
        ))
    }

    /// All incidents as readers get them, the newest first.
    pub(crate) fn alerts(&self) -> Vec<Alert> {
        let book = self.book();
        book.incidents.iter().rev().map(|incident| self.alert(incident)).collect()
    }

    pub(crate) fn alert(&self, incident: &Incident) -> Alert {
        Alert::of(incident, self.words(&self.currency()))
    }

    /// A message of the outbox as it is sent; none where all that it was to tell is forgotten.
    #[must_use]
    pub fn written(&self, message: &Message) -> Option<Written> {
        let book = self.book();
        let told =
            message.items.iter().filter_map(|item| Some((book.find(&item.incident)?, item.turn)));
        let told: Vec<_> = told.collect();
        if told.is_empty() {
            return None;
        }
        let currency = self.currency();
        let letter = self.words(&currency).letter(&told);
        let of_one = |(incident, turn): &(&Incident, Turn)| json!({ "turn": turn, "alert": self.alert(incident) });
        let id = format!("{}.{}", book.shop, message.id);
        let details = json!({ "id": id, "alerts": told.iter().map(of_one).collect::<Vec<_>>() });
        Some(Written { id, letter, details })
    }

    fn know(&self, known: (u64, Book)) {
        *self.known() = Some(known);
        self.shared.changes.send_modify(|number| *number += 1);
    }

    fn known(&self) -> MutexGuard<'_, Option<(u64, Book)>> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
