//! Opening an input where it was left: by what the store and bronze know of it, also under the path that it had
//! before. It reads no rows.

use crate::input::NamedInput;
use crate::moved::{self, Known};
use crate::player::{Player, Reader};
use crate::replay::ReplayError;
use crate::resume::{Sent, read_sent};
use crate::source::{Source, SourceError};
use goldstream_domain::chain::SourceId;
use goldstream_platform::store::{Content, Part, ShardId, SourceCheckpoint};

impl Player<'_> {
    /// The source as it was left.
    pub(crate) async fn open(&self, named: NamedInput) -> Result<Reader, ReplayError> {
        let own = SourceId::clone(&named.key);
        let (sent, checkpoints) = self.sent(&named, &own).await?;
        let moved = if sent.is_nothing() { self.moved(&named).await? } else { None };
        let (identity, sent, checkpoints) = match moved {
            Some(was) => {
                let (sent, checkpoints) = self.sent(&named, &was).await?;
                let rows = sent.checkpoint.rows;
                tracing::info!(
                    source = &*own,
                    was = &*was,
                    rows,
                    "the file has moved: reading goes on"
                );
                (was, sent, checkpoints)
            }
            None => (own, sent, checkpoints),
        };
        Ok(Reader { source: Source::open(named, identity, sent)?, checkpoints })
    }

    /// What a source has sent, and how many checkpoints were written for it.
    async fn sent(
        &self,
        named: &NamedInput,
        identity: &SourceId,
    ) -> Result<(Sent, u64), ReplayError> {
        let replay = self.replay;
        let shard = ShardId::Source(SourceId::clone(identity));
        let image = replay.store.load(shard, Part::Whole).await?;
        let checkpoint = match image.content {
            Content::Source(checkpoint) => checkpoint,
            _ => SourceCheckpoint::default(),
        };
        let of = (named.kind, &**identity);
        let sent = read_sent(&*replay.log, of, replay.partitions, checkpoint).await?;
        Ok((sent, image.position))
    }

    /// The source that an unknown file was under another path. Those that are read here are themselves.
    async fn moved(&self, named: &NamedInput) -> Result<Option<SourceId>, ReplayError> {
        let mut known = Vec::new();
        for key in self.replay.store.sources().await? {
            let is_read_here = self.identities.get(&key).is_some_and(|read| *read != named.key)
                || self.replay.inputs.iter().any(|input| input.key == key);
            if is_read_here || !key.starts_with(moved::FILE) {
                continue;
            }
            let shard = ShardId::Source(SourceId::clone(&key));
            let image = self.replay.store.load(shard, Part::Whole).await?;
            if let Content::Source(checkpoint) = image.content {
                known.push(Known { key, checkpoint });
            }
        }
        let found = moved::find(named, known);
        found.map_err(|error| SourceError::Io { key: named.key.clone(), error }.into())
    }
}
