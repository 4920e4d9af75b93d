//! The book of incidents as this server has it: read from the store, changed there by compare-and-set, so that
//! several servers keep one book. Who watches steps it (`watch`); who sends takes messages from it. It sends
//! nothing and is in nobody's way.

pub(crate) mod kept;
mod row;
mod settled;
mod shop;
pub(crate) mod watch;

pub(crate) use row::Alert;

use goldstream_alerts::book::Book;
use goldstream_alerts::incident::Incident;
use goldstream_alerts::outbox::{Message, Turn};
use goldstream_alerts::words::{Language, Letter, Words};
use goldstream_platform::documents::Documents;
use goldstream_platform::settings::{AlertsSettings, Currency, Receiver};
use goldstream_platform::store::StoreError;
use kept::{Kept, Place};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch as signal;

/// Where the book is.
const PLACE: Place = Place { name: "alerts", what: "the book of alerts" };

/// The book as it was read or written last. Cheap to clone.
#[derive(Clone)]
pub struct Alerting {
    shared: Arc<Shared>,
}

struct Shared {
    book: Kept<Book>,
    settings: Option<AlertsSettings>,
    looking: Looking,
    currency: Currency,
    page: String,
}

/// Whether this process looks whether there is something to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Looking {
    /// It does.
    On,
    /// It only shows what others have found.
    #[default]
    Off,
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
    /// What comes with it, where that can be sent.
    pub enclosed: Vec<Enclosed>,
}

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// Its name.
    pub name: String,
    /// What it is: `application/pdf`.
    pub media_type: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
}

/// What an alerting is made of.
pub struct Surroundings {
    /// Where the book is.
    pub documents: Arc<dyn Documents>,
    /// Who is told what; where there are none, the book is shown and stays as it is.
    pub settings: Option<AlertsSettings>,
    /// Whether it is looked for what is to be told, where somebody is.
    pub looking: Looking,
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
        let Surroundings { documents, settings, looking, currency, page, new_shop } = of;
        let book = Kept::new(documents, PLACE, move || Book::new(&new_shop()));
        Self { shared: Arc::new(Shared { book, settings, looking, currency, page }) }
    }

    /// Who is told what, where somebody is.
    #[must_use]
    pub fn settings(&self) -> Option<&AlertsSettings> {
        self.shared.settings.as_ref()
    }

    /// Who is told what, where this process looks for it.
    #[must_use]
    pub fn watched(&self) -> Option<&AlertsSettings> {
        self.settings().filter(|_| self.shared.looking == Looking::On)
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
        self.shared.book.changes()
    }

    /// The book as it is known; an empty one before it was read.
    #[must_use]
    pub fn book(&self) -> Book {
        self.shared.book.value().unwrap_or_default()
    }

    /// Reads the book from the store: another server may have changed it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.shared.book.refresh().await
    }

    /// Changes the book in the store, and gives what the change gave when it was made for good. It is made anew
    /// where another server was faster; one that changes nothing writes nothing.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn change<T>(&self, change: impl FnMut(&mut Book) -> T) -> Result<T, StoreError> {
        self.shared.book.change(change).await
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
        Some(Written { id, letter, details, enclosed: Vec::new() })
    }
}

#[cfg(test)]
mod tests;
