//! Small texts that stand in the store beside all generations of gold, each replaced as a whole by who has seen
//! the one before. No number of the shop is in them.

use crate::store::StoreError;
use futures::future::BoxFuture;

/// A text as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Grows by one each time it is replaced; the first is 1.
    pub revision: u64,
    /// What stands there.
    pub text: String,
}

/// What became of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It stands there, durable as the store is.
    Done,
    /// Another was faster: read again.
    Refused,
}

/// Where documents are.
pub trait Documents: Send + Sync {
    /// The document of this name; none where there never was one.
    fn read(&self, name: &'static str) -> BoxFuture<'static, Result<Option<Document>, StoreError>>;

    /// Puts this in the place of the document of that revision, 0 where there is none.
    fn replace(
        &self,
        name: &'static str,
        revision: u64,
        text: String,
    ) -> BoxFuture<'static, Result<Replaced, StoreError>>;
}
