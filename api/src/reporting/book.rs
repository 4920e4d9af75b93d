//! What was sent of reports, and what is to be sent.

use super::wish::{Made, Wish};
use crate::alerting::kept::{Kept, Place};
use crate::alerting::{Enclosed, Written};
use crate::http::problem::Problem;
use crate::limits::REPORT_MAX;
use futures::future::BoxFuture;
use goldstream_alerts::outbox::Message;
use goldstream_alerts::schedule::{Due, Every, Reports};
use goldstream_alerts::words::Letter;
use goldstream_platform::documents::Documents;
use goldstream_platform::settings::ReportSettings;
use goldstream_platform::store::StoreError;
use goldstream_report::{Names, Period};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Where it stands what was sent.
const PLACE: Place = Place { name: "reports", what: "the list of reports" };

/// The media type of a report.
pub(crate) const MEDIA_TYPE: &str = "application/pdf";

/// What was sent and is to be sent, as it was read or written last. Cheap to clone.
#[derive(Clone)]
pub struct Reporting {
    pub(super) shared: Arc<Shared>,
}

/// Makes a report, as long as what is shown is known; none behind that.
pub(crate) type Maker =
    Box<dyn Fn(Wish) -> Option<BoxFuture<'static, Result<Made, Problem>>> + Send + Sync>;

pub(super) struct Shared {
    pub(super) reports: Kept<Reports>,
    settings: Option<ReportSettings>,
    /// Whether all rows that are there are in the numbers, as it was seen last.
    pub(super) is_whole: AtomicBool,
    maker: OnceLock<Maker>,
}

/// The period of a report that is due; none of the first days of the calendar.
#[must_use]
pub fn period_of(due: Due) -> Option<Period> {
    let (from, to) = due.days()?;
    Some(match due.every {
        Every::Week => Period::Between(from, to),
        Every::Month => Period::Whole(from.month()),
    })
}

impl Reporting {
    /// One that has read nothing yet, over the documents of a store. `new_shop` is a name for a shop that has none
    /// yet, which nobody else has.
    #[must_use]
    pub fn new(
        documents: Arc<dyn Documents>,
        settings: Option<ReportSettings>,
        new_shop: fn() -> String,
    ) -> Self {
        let reports = Kept::new(documents, PLACE, move || Reports::new(&new_shop()));
        let (is_whole, maker) = (AtomicBool::new(false), OnceLock::new());
        Self { shared: Arc::new(Shared { reports, settings, is_whole, maker }) }
    }

    /// Who is sent what, where somebody is.
    #[must_use]
    pub fn settings(&self) -> Option<&ReportSettings> {
        self.shared.settings.as_ref()
    }

    /// The names of those who are sent reports.
    #[must_use]
    pub fn receivers(&self) -> Vec<String> {
        self.settings().map(ReportSettings::receivers).unwrap_or_default()
    }

    /// What is known of what was sent and is to be sent; nothing before it was read.
    #[must_use]
    pub fn reports(&self) -> Reports {
        self.shared.reports.value().unwrap_or_default()
    }

    /// Whether one may be made that is to be sent: of a part of the rows it would be a wrong one.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.shared.is_whole.load(Ordering::Acquire)
    }

    /// Changes it in the store, and gives what the change gave when it was made for good.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn change<T>(&self, change: impl FnMut(&mut Reports) -> T) -> Result<T, StoreError> {
        self.shared.reports.change(change).await
    }

    /// A message of the outbox as it is sent, with its report, which is made now; none where it is of no days.
    ///
    /// # Errors
    /// Why none could be made, in words.
    pub async fn written(&self, message: &Message<Due>) -> Result<Option<Written>, String> {
        let due = message.items.first().copied();
        let (Some(settings), Some(period)) = (self.settings(), due.and_then(period_of)) else {
            return Ok(None);
        };
        let names = if settings.names { Names::Shown } else { Names::Hidden };
        let wish = Wish { period, language: settings.language, names };
        let making = self.shared.maker.get().and_then(|make| make(wish));
        let making = making.ok_or("this process makes no reports")?;
        let made = tokio::time::timeout(REPORT_MAX, making).await;
        let made = made.map_err(|_| "the report takes too long to be made".to_owned())?;
        let Made { pdf, cover, .. } = made.map_err(|problem| problem.detail().to_owned())?;
        let enclosed =
            vec![Enclosed { name: cover.file_name, media_type: MEDIA_TYPE, content: pdf }];
        Ok(Some(Written {
            id: format!("{}.{}", self.reports().shop, message.id),
            letter: Letter { subject: cover.subject, text: cover.text, html: cover.html },
            details: Value::Null,
            enclosed,
        }))
    }

    /// Who makes reports from now on.
    pub(crate) fn is_made_by(&self, maker: Maker) {
        // A process serves once.
        if self.shared.maker.set(maker).is_err() {
            tracing::debug!("reports are made already");
        }
    }
}
