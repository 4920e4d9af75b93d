//! Reads a posted body within its limits: of length, and of time, so that who sends a byte now and then
//! holds nothing for long. What is in it is not looked at here.

use super::problem::Problem;
use crate::limits::{BODY_BYTES_PER_SECOND_MIN, BODY_GRACE, BODY_MAX};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The whole body, at most so long.
pub(super) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut body = Limited::new(body, bytes_max);
    let (began, mut parts, mut length) = (Instant::now(), Vec::new(), 0);
    loop {
        let frame = timeout_at(began + may_take(length), body.frame()).await;
        match frame.map_err(|_| too_slow())? {
            None => return Ok(joined(parts, length)),
            // Trailers say nothing here.
            Some(Ok(frame)) => {
                if let Ok(part) = frame.into_data() {
                    length += part.len();
                    parts.push(part);
                }
            }
            Some(Err(error)) if error.is::<LengthLimitError>() => return Err(Problem::too_large()),
            Some(Err(error)) => {
                let detail = format!("the body broke off: {error}");
                return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
            }
        }
    }
}

fn joined(mut parts: Vec<Bytes>, length: usize) -> Bytes {
    match (parts.pop(), parts.is_empty()) {
        (None, _) => Bytes::new(),
        (Some(only), true) => only,
        (Some(last), false) => {
            let mut whole = Vec::with_capacity(length);
            parts.iter().chain([&last]).for_each(|part| whole.extend_from_slice(part));
            whole.into()
        }
    }
}

/// How long a body may have taken that has brought so many bytes, and is not whole.
fn may_take(bytes: usize) -> Duration {
    let earned = Duration::from_secs((bytes / BODY_BYTES_PER_SECOND_MIN) as u64);
    BODY_MAX.min(BODY_GRACE + earned)
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "the body takes too long to come")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream::{self, StreamExt};
    use std::io;

    /// So many bytes each second, for so many seconds.
    fn dribbling(bytes_per_second: usize, seconds: usize) -> Body {
        let parts = stream::iter(0..seconds).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, io::Error>(Bytes::from(vec![b'x'; bytes_per_second]))
        });
        Body::from_stream(parts)
    }

    async fn read_of(bytes_per_second: usize, seconds: usize) -> Result<usize, Problem> {
        read(dribbling(bytes_per_second, seconds), usize::MAX).await.map(|body| body.len())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_dribbles_ends_soon_after_its_grace() {
        let began = Instant::now();
        assert_eq!(read_of(10, 1_000).await, Err(too_slow()));
        assert_eq!(began.elapsed().as_secs(), BODY_GRACE.as_secs());
        let began = Instant::now();
        assert_eq!(read_of(BODY_BYTES_PER_SECOND_MIN / 2, 1_000).await, Err(too_slow()));
        assert!(began.elapsed() < 3 * BODY_GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_comes_whole_within_its_time_and_no_later() {
        let seconds = BODY_MAX.as_secs() as usize;
        let rate = BODY_BYTES_PER_SECOND_MIN + 100;
        assert_eq!(read_of(rate, seconds - 1).await, Ok(rate * (seconds - 1)));
        assert_eq!(read_of(rate, seconds + 1).await, Err(too_slow()));
    }

    #[tokio::test]
    async fn a_body_is_its_parts_in_their_order_and_no_longer_than_it_may_be() {
        let parts = || Body::from_stream(stream::iter(["ab", "", "c"].map(Ok::<_, io::Error>)));
        assert_eq!(read(parts(), 3).await.unwrap(), "abc");
        assert_eq!(read(parts(), 2).await, Err(Problem::too_large()));
        assert_eq!(read(Body::empty(), 0).await.unwrap(), "");
    }
}
