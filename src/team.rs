//! The other processes of a pipeline on servers, and whether those that have its partitions write to the
//! same store. Two stores under one prefix would each be given a part of the rows.

use crate::site::Site;
use anyhow::bail;
use goldstream_platform::health::Health;
use goldstream_platform::limits::{MEMBERS_PACE, SESSION_MAX, STRANGERS_PACE};
use goldstream_platform::reports::{Reports, strangers};
use goldstream_platform::served::Served;
use goldstream_platform::telemetry::say;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Under which the trouble is told.
const NAME: &str = "consumers";

/// What a broker and a report need beyond the session of a consumer.
const EXTRA: Duration = Duration::from_secs(5);

/// What is known of them.
#[derive(Clone)]
pub(crate) struct Team {
    /// The servers that they share.
    pub(crate) site: Site,
    /// What of it is shown.
    pub(crate) served: Served,
    /// Where they say how they are.
    pub(crate) reports: Arc<dyn Reports>,
    /// Where the store is, for people.
    pub(crate) redis: String,
}

impl Team {
    /// Fails where others stay in the groups who write to another store. Those that were killed are waited for.
    pub(crate) async fn must_be_among_its_own(&self) -> anyhow::Result<()> {
        let until = Instant::now() + SESSION_MAX + EXTRA;
        let mut was_said = false;
        loop {
            match self.strangers().await {
                Ok(None) => return Ok(()),
                Ok(Some(sentence)) if Instant::now() > until => bail!("{sentence}"),
                Ok(Some(_)) => {
                    if !std::mem::replace(&mut was_said, true) {
                        say("waiting for consumers that this Redis does not know to be gone");
                    }
                }
                // Who is in a group cannot be seen while its broker takes it over, or without the right to it.
                Err(error) if Instant::now() > until => {
                    tracing::warn!(%error, "whether all consumers write to the same Redis is not known");
                    return Ok(());
                }
                Err(_) => {}
            }
            tokio::time::sleep(MEMBERS_PACE).await;
        }
    }

    /// Tells it as a trouble where they came later, or at the same moment.
    pub(crate) async fn watch(self, health: Health) {
        let mut was_seen = false;
        loop {
            tokio::time::sleep(STRANGERS_PACE).await;
            // Who asks in vain is told by others.
            let Ok(seen) = self.strangers().await else { continue };
            match seen {
                // At the first look it may have joined just now, and told nothing yet.
                Some(sentence) if was_seen => health.report(NAME, sentence),
                Some(_) => was_seen = true,
                None => {
                    was_seen = false;
                    health.clear(NAME);
                }
            }
        }
    }

    async fn strangers(&self) -> anyhow::Result<Option<String>> {
        let members = self.site.named_members().await?;
        let reports = self.reports.since(0).await?;
        let names = strangers(members.iter().map(|member| &*member.name), &reports);
        let listed = members.iter().filter(|member| names.contains(&&*member.name));
        let listed: Vec<_> =
            listed.map(|member| format!("{} at {}", member.name, member.host)).collect();
        Ok((!listed.is_empty()).then(|| {
            format!(
                "consumers that the Redis at {} does not know read the same topics ({}): each store would \
                 have a part of the rows. Give all the same --redis, or this one a --prefix of its own; those \
                 of a version that does not say its name are to be ended first",
                self.redis,
                listed.join(", ")
            )
        }))
    }
}
