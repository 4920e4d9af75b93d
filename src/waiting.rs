//! The start of what goes on for ever: servers that do not answer are waited for, as containers start in any order.
//! What they refuse ends it at once.

use crate::backend::Backend;
use crate::heartbeat;
use crate::outcome::Outcome;
use crate::signals::Signals;
use goldstream_platform::kafka::TopicsError;
use goldstream_platform::log::LogError;
use goldstream_platform::redis::OpenError;
use goldstream_platform::settings::Settings;
use goldstream_platform::store::StoreError;
use goldstream_producers::replay::AtEnd;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How often it is tried.
const TRY_PACE: Duration = Duration::from_secs(1);

/// How often somebody is told.
const SAY_PACE: Duration = Duration::from_secs(10);

/// The backend once its servers answer; or how the process ends, where that is wished before.
pub(crate) async fn open(
    settings: &Settings,
    signals: &mut Signals,
) -> anyhow::Result<ControlFlow<Outcome, Backend>> {
    let mut waiting = Waiting::default();
    loop {
        let opened = tokio::select! {
            outcome = signals.next() => return Ok(ControlFlow::Break(outcome)),
            opened = Backend::open(settings) => opened,
        };
        let error = match opened {
            Ok(mut backend) => {
                backend.waited = waiting.heartbeat;
                return Ok(ControlFlow::Continue(backend));
            }
            Err(error) => error,
        };
        if settings.fail_fast || settings.servers.is_none() || !is_away(&error) {
            return Err(error);
        }
        waiting.go_on(settings, &error);
        tokio::select! {
            outcome = signals.next() => return Ok(ControlFlow::Break(outcome)),
            () = tokio::time::sleep(TRY_PACE) => {}
        }
    }
}

/// What is told of it.
#[derive(Default)]
struct Waiting {
    heartbeat: Option<JoinHandle<()>>,
    said_at: Option<Instant>,
}

impl Waiting {
    fn go_on(&mut self, settings: &Settings, error: &anyhow::Error) {
        // Who waits lives; who only begins is to show it first.
        if self.heartbeat.is_none() {
            self.heartbeat = heartbeat::begin_to_wait(settings);
        }
        if self.said_at.is_none_or(|at| at.elapsed() >= SAY_PACE) {
            self.said_at = Some(Instant::now());
            tracing::warn!("waiting for it (--fail-fast ends instead): {error:#}");
        }
    }
}

/// The same for who reads files: one that ends with them ends at once.
pub(crate) async fn open_to(
    at_end: AtEnd,
    settings: &Settings,
    signals: &mut Signals,
) -> anyhow::Result<ControlFlow<Outcome, Backend>> {
    match at_end {
        AtEnd::Stop => Ok(ControlFlow::Continue(Backend::open(settings).await?)),
        AtEnd::Follow => open(settings, signals).await,
    }
}

/// Whether a server does not answer, or not yet.
fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_redis = match cause.downcast_ref() {
            Some(OpenError::Store(error)) => Some(error),
            _ => cause.downcast_ref(),
        };
        matches!(of_redis, Some(StoreError::Unavailable(_)))
            || matches!(cause.downcast_ref(), Some(LogError::Unavailable(_)))
            || matches!(
                cause.downcast_ref(),
                Some(TopicsError::Away { .. } | TopicsError::FewBrokers { .. })
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn who_does_not_answer_is_waited_for_and_who_refuses_is_not() {
        let away = || StoreError::Unavailable("no answer".to_owned());
        let kafka = TopicsError::Away {
            brokers: "k:9092".to_owned(),
            reason: String::new(),
            hint: "is it running",
        };
        assert!(is_away(&anyhow::Error::new(away())));
        assert!(is_away(&Err::<(), _>(OpenError::Store(away())).context("open").unwrap_err()));
        assert!(is_away(&anyhow::Error::new(kafka)));
        let denied = StoreError::Denied("the password".to_owned());
        for refusal in [
            anyhow::Error::new(OpenError::BadUrl),
            anyhow::Error::new(OpenError::Store(denied)),
            anyhow::anyhow!("there is no store"),
        ] {
            assert!(!is_away(&refusal), "{refusal}");
        }
    }
}
