//! Bodies that are made while they are sent: of many rows only a few are in memory in their form.

use super::problem::Problem;
use super::table::encode::EncodeError;
use crate::limits::{STREAM_CHUNK_BYTES, STREAM_CHUNKS_MAX, STREAM_STALL_MAX};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::{StreamExt, stream};
use std::io::{self, Write};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

/// What a body hears of its maker. Without the last it was cut off, and the client must see that.
enum Part {
    Chunk(Bytes),
    End,
}

/// A body that `make` writes on a thread that may block. There are so many at a time.
pub(super) fn body(
    places: &Arc<Semaphore>,
    make: impl FnOnce(Out) -> Result<(), EncodeError> + Send + 'static,
) -> Result<Body, Problem> {
    let place = Arc::clone(places).try_acquire_owned().map_err(|_| {
        let detail = "too many tables are being sent already";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let (parts, received) = mpsc::channel(STREAM_CHUNKS_MAX);
    let out = Out { parts: parts.clone(), chunk: Vec::new(), runtime: Handle::current() };
    tokio::task::spawn_blocking(move || {
        match make(out) {
            // Who asked may be gone.
            Ok(()) => parts.blocking_send(Part::End).unwrap_or_default(),
            Err(error) => tracing::debug!(%error, "a table was not sent whole"),
        }
        drop(place);
    });
    let body = stream::unfold(Some(received), |received| async {
        let mut received = received?;
        match received.recv().await {
            Some(Part::Chunk(chunk)) => Some((Ok(chunk), Some(received))),
            Some(Part::End) => None,
            None => Some((Err(io::Error::other("the table was cut off")), None)),
        }
    });
    // Who compresses asks once more at the end.
    Ok(Body::from_stream(body.fuse()))
}

/// Where the maker writes.
pub(super) struct Out {
    parts: mpsc::Sender<Part>,
    chunk: Vec<u8>,
    runtime: Handle,
}

impl Out {
    fn send(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(std::mem::take(&mut self.chunk));
        let sending = self.parts.send_timeout(Part::Chunk(chunk), STREAM_STALL_MAX);
        self.runtime.block_on(sending).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= STREAM_CHUNK_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    fn places(count: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(count))
    }

    #[tokio::test]
    async fn a_body_that_was_made_whole_comes_whole() {
        let long = "x".repeat(3 * STREAM_CHUNK_BYTES);
        let expected = format!("{long}y");
        let body = body(&places(1), move |mut out| {
            out.write_all(long.as_bytes())?;
            out.write_all(b"y")?;
            Ok(out.flush()?)
        });
        assert_eq!(to_bytes(body.unwrap(), usize::MAX).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn a_body_whose_maker_failed_or_panicked_is_seen_to_be_cut_off() {
        let failing = body(&places(1), |mut out| {
            out.write_all(b"x")?;
            out.flush()?;
            Err(EncodeError::Source("gone".to_owned()))
        });
        assert!(to_bytes(failing.unwrap(), usize::MAX).await.is_err());
        let panicking = body(&places(1), |_| panic!("a test"));
        assert!(to_bytes(panicking.unwrap(), usize::MAX).await.is_err());
    }

    #[tokio::test]
    async fn only_so_many_are_made_at_a_time_and_a_place_is_free_again_afterwards() {
        let places = places(1);
        let first = body(&places, |mut out| Ok(out.write_all(b"x")?)).unwrap();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        drop(to_bytes(first, usize::MAX).await);
        let free = places.acquire().await.unwrap();
        drop(free);
        let second = body(&places, move |_| {
            // Until the test drops its end.
            wait.recv().unwrap_or_default();
            Ok(())
        });
        assert!(body(&places, |_| Ok(())).is_err());
        drop(go);
        assert!(to_bytes(second.unwrap(), usize::MAX).await.is_ok());
    }
}
