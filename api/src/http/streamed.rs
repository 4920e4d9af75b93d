//! Bodies that are made while they are sent: of many rows only a few are in memory in their form.

use super::problem::Problem;
use super::table::EncodeError;
use crate::limits::{STREAM_CHUNK_BYTES, STREAM_CHUNKS_MAX, STREAM_STALL_MAX};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::{StreamExt, stream};
use std::io::{self, Write};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

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
    let place = place(places)?;
    let (parts, received) = mpsc::channel(STREAM_CHUNKS_MAX);
    let out = Out { parts: parts.clone(), chunk: Vec::new(), runtime: Handle::current() };
    tokio::task::spawn_blocking(move || {
        end(&parts, make(out));
        drop(place);
    });
    Ok(sent(received))
}
/// A body that is made, sent piece by piece to who takes it; its place is free once it is taken.
pub(super) fn taken(bytes: Bytes, place: OwnedSemaphorePermit) -> Body {
    let starts = (0..bytes.len()).step_by(STREAM_CHUNK_BYTES);
    let pieces = starts.map(move |from| {
        let _held = &place;
        Ok::<_, io::Error>(bytes.slice(from..bytes.len().min(from + STREAM_CHUNK_BYTES)))
    });
    Body::from_stream(stream::iter(pieces))
}

/// What became of a body that was held back at first.
pub(super) enum Made {
    /// All of it.
    Whole(Bytes),
    /// It is too large for that.
    Streamed(Body),
}

/// What `make` writes, whole where it has at most so many bytes, else a body as above.
pub(super) async fn made(
    places: &Arc<Semaphore>,
    bytes_max: usize,
    make: impl FnOnce(&mut Held) -> Result<(), EncodeError> + Send + 'static,
) -> Result<Made, Problem> {
    let place = place(places)?;
    let (parts, received) = mpsc::channel(STREAM_CHUNKS_MAX);
    let out = Out { parts: parts.clone(), chunk: Vec::new(), runtime: Handle::current() };
    let (tell, told) = oneshot::channel();
    let mut held = Held { out, bytes_max, tell: Some(tell) };
    tokio::task::spawn_blocking(move || {
        end(&parts, make(&mut held).and_then(|()| Ok(held.end()?)));
        drop(place);
    });
    match told.await {
        Ok(Some(bytes)) => Ok(Made::Whole(bytes)),
        Ok(None) => Ok(Made::Streamed(sent(received))),
        // It failed before anything was sent.
        Err(_) => Err(Problem::internal()),
    }
}

fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(places).try_acquire_owned().map_err(|_| {
        let detail = "too many tables are being sent already";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })
}

/// Says that a body is whole, where it is.
fn end(parts: &mpsc::Sender<Part>, made: Result<(), EncodeError>) {
    match made {
        // Who asked may be gone.
        Ok(()) => parts.blocking_send(Part::End).unwrap_or_default(),
        Err(error) => tracing::debug!(%error, "a table was not sent whole"),
    }
}

fn sent(received: mpsc::Receiver<Part>) -> Body {
    let body = stream::unfold(Some(received), |received| async {
        let mut received = received?;
        match received.recv().await {
            Some(Part::Chunk(chunk)) => Some((Ok(chunk), Some(received))),
            Some(Part::End) => None,
            None => Some((Err(io::Error::other("the table was cut off")), None)),
        }
    });
    // Who compresses asks once more at the end.
    Body::from_stream(body.fuse())
}

/// Where the maker writes what is held back until it is whole, or too large.
pub(super) struct Held {
    out: Out,
    bytes_max: usize,
    /// Until it is known which of the two it is.
    tell: Option<oneshot::Sender<Option<Bytes>>>,
}

impl Held {
    fn end(&mut self) -> io::Result<()> {
        let Some(tell) = self.tell.take() else { return self.out.send() };
        // Who asked may be gone.
        tell.send(Some(std::mem::take(&mut self.out.chunk).into())).unwrap_or_default();
        Ok(())
    }
}

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.tell.is_none() {
            return self.out.write(bytes);
        }
        self.out.chunk.extend_from_slice(bytes);
        if self.out.chunk.len() > self.bytes_max
            && let Some(tell) = self.tell.take()
        {
            tell.send(None).unwrap_or_default();
            self.out.send()?;
        }
        Ok(bytes.len())
    }

    /// What is held back is flushed at its end.
    fn flush(&mut self) -> io::Result<()> {
        if self.tell.is_some() { Ok(()) } else { self.out.flush() }
    }
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
    async fn what_is_small_comes_at_once_and_what_is_too_large_comes_whole_all_the_same() {
        for (length, is_whole) in [(0, true), (9, true), (10, true), (11, false), (90_000, false)] {
            let text: String = ('a'..='z').cycle().take(length).collect();
            let (expected, places) = (text.clone(), places(1));
            let made = made(&places, 10, move |out| {
                for piece in text.as_bytes().chunks(4) {
                    out.write_all(piece)?;
                    out.flush()?;
                }
                Ok(())
            });
            let body = match made.await.unwrap() {
                Made::Whole(bytes) if is_whole => Body::from(bytes),
                Made::Streamed(body) if !is_whole => body,
                _ => panic!("{length}"),
            };
            assert_eq!(to_bytes(body, usize::MAX).await.unwrap(), expected, "{length}");
        }
    }

    #[tokio::test]
    async fn what_fails_before_it_is_sent_is_no_answer_and_later_it_is_cut_off() {
        let places = places(1);
        for written in [0, 5] {
            drop(places.acquire().await);
            let failed = made(&places, 10, move |out| {
                out.write_all(&vec![0; written])?;
                Err(EncodeError::Source("gone".to_owned()))
            });
            assert!(failed.await.is_err(), "{written}");
        }
        drop(places.acquire().await);
        assert!(made(&places, 10, |_| panic!("a test")).await.is_err());
        drop(places.acquire().await);
        let failed = made(&places, 10, |out| {
            out.write_all(&[0; 11])?;
            Err(EncodeError::Source("gone".to_owned()))
        });
        let Ok(Made::Streamed(body)) = failed.await else { panic!() };
        assert!(to_bytes(body, usize::MAX).await.is_err());
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
