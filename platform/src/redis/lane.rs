//! Requests about one shard that must all reach the same server process, as the steps of a scan must.
//! Where the shard's slot moves meanwhile they follow it, and it is told that they did.

use super::link::{Live, Request};
use super::links::{Elsewhere, Links};
use super::slots::{slot_of, slot_of_command};
use crate::limits::REDIS_DETOURS_MAX;
use crate::store::StoreError;
use ::redis::{Cmd, Value};

pub(super) struct Lane<'a> {
    links: &'a Links,
    slot: u16,
    live: Live,
    detours: u32,
}

impl Links {
    /// A connection for requests about the slot of `key` that must all reach the same server process.
    pub(super) async fn lane(&self, key: &str) -> Result<Lane<'_>, StoreError> {
        let slot = slot_of(key.as_bytes());
        let live = self.link_of(slot).await?.live().await?;
        Ok(Lane::new(self, slot, live))
    }
}

impl<'a> Lane<'a> {
    fn new(links: &'a Links, slot: u16, live: Live) -> Self {
        Self { links, slot, live, detours: 0 }
    }

    /// How often a request was answered elsewhere than those before it: a scan across that is void.
    pub(super) fn detours(&self) -> u32 {
        self.detours
    }

    pub(super) async fn query<'b>(
        &mut self,
        request: impl Into<Request<'b>>,
    ) -> Result<Value, StoreError> {
        let request = request.into();
        if !self.links.is_cluster() {
            return self.live.query(request).await;
        }
        match request {
            Request::One(command) => self.one(command).await,
            Request::Many(commands) => {
                let mut answers = Vec::new();
                for command in commands.cmd_iter() {
                    answers.push(self.one(command).await?);
                }
                Ok(Value::Array(answers))
            }
        }
    }

    async fn one(&mut self, command: &Cmd) -> Result<Value, StoreError> {
        if slot_of_command(command) != self.slot {
            return self.links.query(command).await;
        }
        let mut answer = self.live.send(command).await;
        for _ in 0..REDIS_DETOURS_MAX {
            let error = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let server = self.live.link().server();
            let elsewhere = self.links.elsewhere(command, &error, server).await?;
            self.detours += 1;
            match elsewhere {
                Elsewhere::Answered(value) => return Ok(value),
                Elsewhere::Moved(to) => self.live = to.live().await?,
            }
            answer = self.live.send(command).await;
        }
        let server = self.live.link().server();
        answer.map_err(|error| self.links.site().trouble(server, &error))
    }
}
