//! The lake as a role of a process: its writer, and who waits until all is written.

use super::Process;
use crate::backend::Backend;
use crate::lake;
use anyhow::Context;
use goldstream_api::view::{Followed, View};
use goldstream_lake::Flush;
use goldstream_platform::settings::LakeSettings;
use std::sync::Arc;
use tokio::sync::oneshot;

impl Process {
    /// Shows what is stored to roles of this process, without an API.
    pub(crate) fn follow_view(&mut self) -> anyhow::Result<View> {
        let Backend { log, store, partitions, health, .. } = &self.backend;
        let view = View::new(*partitions);
        let followed = Followed { store: Arc::clone(store), log: Arc::clone(log), shown: None };
        self.threads.push(view.follow(followed, health.clone(), self.shutdown.clone())?);
        Ok(view)
    }

    /// Adds the writer of the lake, which takes gold from that view.
    pub(crate) fn add_lake(&mut self, settings: &LakeSettings, view: View) -> anyhow::Result<()> {
        let (world, flush) = lake::world(&self.backend, settings, view)?;
        self.lake = Some(flush);
        self.add("lake", move |shutdown| async move {
            goldstream_lake::run(world, shutdown).await.context("the lake")
        })
    }

    /// Resolves once all that the log has now is in the lake, where one is written.
    pub(crate) async fn in_lake(&mut self) -> anyhow::Result<()> {
        let Some(lake) = &self.lake else { return Ok(()) };
        let (flush, caught) = oneshot::channel();
        // Its end is heard of by who waits for it.
        lake.send(Flush(flush)).await.ok();
        match self.unless_it_stands_still(caught).await? {
            Ok(caught) => caught.map_err(anyhow::Error::msg),
            // Its writer has failed, and says why.
            Err(_) => Err(self.failed().await),
        }
    }
}
