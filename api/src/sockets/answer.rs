//! The body of an answer, which tells when it is made whole. It changes nothing of it.

use super::places::Held;
use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A body that tells when it is dropped.
pub(super) struct Answer {
    body: Body,
    _end: End,
}

/// None where what follows are no more requests.
struct End(Option<Arc<Held>>);

impl Answer {
    /// The last one on this socket before something else goes over it.
    pub(super) fn last(body: Body) -> Self {
        Self { body, _end: End(None) }
    }

    /// One after which there may be another.
    pub(super) fn one(body: Body, held: Arc<Held>) -> Self {
        Self { body, _end: End(Some(held)) }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(held) = &self.0 {
            held.answered();
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
