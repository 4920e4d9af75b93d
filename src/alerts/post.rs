//! What has messages to be sent in the store: the book of alerts, and the reports. It sends none.

use goldstream_alerts::outbox::{Item, Message, Outbox, Told};
use goldstream_alerts::schedule::Due;
use goldstream_api::alerting::{Alerting, Written};
use goldstream_api::reporting::Reporting;
use goldstream_platform::store::StoreError;
use std::future::Future;

/// One of them.
pub(super) trait Post: Clone + Send + Sync + 'static {
    /// What its messages tell.
    type Item: Told + Send + Sync;

    /// What a message is, for people: `an alert`.
    const MESSAGE: &'static str;

    /// Under which its troubles are told.
    fn trouble(to: &str) -> String;

    /// The names of who may get messages.
    fn receivers(&self) -> Vec<String>;

    /// What is known to wait.
    fn outbox(&self) -> Outbox<Self::Item>;

    /// Whether what waits may be sent now.
    fn may_send(&self) -> bool;

    /// Changes what waits in the store.
    fn change<T: Send>(
        &self,
        change: impl FnMut(&mut Outbox<Self::Item>) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// A message as it is sent; none where there is nothing to be told any more, and why where it cannot be written.
    fn written(
        &self,
        message: &Message<Self::Item>,
    ) -> impl Future<Output = Result<Option<Written>, String>> + Send;
}

impl Post for Alerting {
    type Item = Item;

    const MESSAGE: &'static str = "an alert";

    fn trouble(to: &str) -> String {
        format!("alerts to {to}")
    }

    fn receivers(&self) -> Vec<String> {
        Self::receivers(self)
    }

    fn outbox(&self) -> Outbox {
        self.book().outbox
    }

    fn may_send(&self) -> bool {
        true
    }

    async fn change<T: Send>(
        &self,
        mut change: impl FnMut(&mut Outbox) -> T + Send,
    ) -> Result<T, StoreError> {
        Self::change(self, |book| change(&mut book.outbox)).await
    }

    async fn written(&self, message: &Message) -> Result<Option<Written>, String> {
        Ok(Self::written(self, message))
    }
}

impl Post for Reporting {
    type Item = Due;

    const MESSAGE: &'static str = "a report";

    fn trouble(to: &str) -> String {
        to.to_owned()
    }

    fn receivers(&self) -> Vec<String> {
        Self::receivers(self)
    }

    fn outbox(&self) -> Outbox<Due> {
        self.reports().outbox
    }

    fn may_send(&self) -> bool {
        self.is_whole()
    }

    async fn change<T: Send>(
        &self,
        mut change: impl FnMut(&mut Outbox<Due>) -> T + Send,
    ) -> Result<T, StoreError> {
        Self::change(self, |reports| change(&mut reports.outbox)).await
    }

    async fn written(&self, message: &Message<Due>) -> Result<Option<Written>, String> {
        Self::written(self, message).await
    }
}
