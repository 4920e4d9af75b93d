//! A commit as one call of `commit.lua`: what its arguments are, in the order that the script reads.
//! Nothing is sent from here.

use super::claims::End;
use super::entry::field;
use super::kept::Kept;
use super::keys::{CLAIMS, Keys, hashes, table_hash};
use super::rows;
use crate::store::{AcceptedPurchase, Changes, Commit, ShardId};
use ::redis::{Arg, Cmd, Script, cmd};
use goldstream_domain::gold::rows::{RowChange, RowFate, Table};
use serde::Serialize;
use std::sync::LazyLock;

/// The script.
const CODE: &str = include_str!("commit.lua");

/// Its hash, by which Redis knows it once it was loaded.
static HASH: LazyLock<String> = LazyLock::new(|| Script::new(CODE).get_hash().to_owned());

/// What the committer of a shard knows of it, and must know before it encodes the next commit.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) claims: End,
    pub(super) kept: Kept,
}

/// The arguments of one call, and how much of them goes into the feed.
struct Call {
    command: Cmd,
    scratch: Vec<u8>,
    entry_bytes: u64,
}

/// The call that makes `commit`. `known` becomes what is true after it.
pub(super) fn encode(
    keys: &Keys,
    commit: &Commit,
    known: &mut Known,
    feed_bytes_max: u64,
) -> Result<Cmd, serde_json::Error> {
    let Commit { shard, from, to, .. } = commit;
    let mut call = Call::begin(keys, shard, &commit.changes);
    call.command.arg(from).arg(to);
    match &commit.changes {
        Changes::Silver { head, claims } => {
            call.json_in_feed(head)?;
            call.entry_fields(commit, &[], &[])?;
            let blocks = known.claims.append(claims);
            call.command.arg(1).arg("claims").arg(known.claims.count);
            call.command.arg(CLAIMS.length_field).arg("").arg(0).arg(blocks.len());
            for (number, block) in &blocks {
                call.command.arg(number).arg(block.as_slice());
            }
        }
        Changes::Gold { head, rows, accepted } => {
            call.json_in_feed(head)?;
            call.entry_fields(commit, &deleted_lines(rows)?, accepted)?;
            call.command.arg(0);
            for table in Table::ALL {
                call.table(table, rows)?;
            }
        }
        Changes::Source(checkpoint) => {
            call.json_in_feed(checkpoint)?;
            call.command.arg(0).arg(0);
            return Ok(call.command);
        }
    }
    let entries_kept = known.kept.push(call.entry_bytes, feed_bytes_max);
    call.command.arg(entries_kept);
    Ok(call.command)
}

/// The same call for a server that does not know the script.
pub(super) fn with_code(call: &Cmd) -> Cmd {
    let mut whole = cmd("EVAL");
    whole.arg(CODE);
    for argument in call.args_iter().skip(2) {
        if let Arg::Simple(bytes) = argument {
            whole.arg(bytes);
        }
    }
    whole
}

impl Call {
    fn begin(keys: &Keys, shard: &ShardId, changes: &Changes) -> Self {
        let mut names = vec![keys.head(shard)];
        if !matches!(changes, Changes::Source(_)) {
            names.push(keys.feed(shard));
        }
        names.extend(hashes(changes).into_iter().map(|hash| keys.hash(shard, hash)));
        let mut command = Cmd::new();
        command.arg("EVALSHA").arg(&*HASH).arg(names.len()).arg(&names);
        Self { command, scratch: Vec::new(), entry_bytes: 0 }
    }

    /// An argument of JSON that the feed gets too.
    fn json_in_feed(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.scratch.clear();
        serde_json::to_writer(&mut self.scratch, value)?;
        self.scratch_in_feed();
        Ok(())
    }

    fn scratch_in_feed(&mut self) {
        self.entry_bytes += self.scratch.len() as u64;
        self.command.arg(self.scratch.as_slice());
    }

    /// The fields of the feed entry beside the head and the new rows; empty ones are left out.
    fn entry_fields(
        &mut self,
        commit: &Commit,
        deleted: &[u8],
        accepted: &[AcceptedPurchase],
    ) -> Result<(), serde_json::Error> {
        let traces: Vec<_> = commit.traces.iter().map(ToString::to_string).collect();
        let present = [
            commit.ingested_at_ms.is_some(),
            !deleted.is_empty(),
            !accepted.is_empty(),
            !traces.is_empty(),
        ];
        self.command.arg(present.into_iter().filter(|present| *present).count());
        if let Some(ingested_at_ms) = commit.ingested_at_ms {
            self.command.arg(field::INGESTED_AT_MS).arg(ingested_at_ms);
        }
        if !deleted.is_empty() {
            self.command.arg(field::DELETED).arg(deleted);
            self.entry_bytes += deleted.len() as u64;
        }
        if !accepted.is_empty() {
            self.command.arg(field::ACCEPTED);
            self.json_in_feed(&accepted)?;
        }
        if !traces.is_empty() {
            let traces = traces.join("\n");
            self.entry_bytes += traces.len() as u64;
            self.command.arg(field::TRACES).arg(traces);
        }
        Ok(())
    }

    /// The changes to one table.
    fn table(&mut self, table: Table, rows: &[RowChange]) -> Result<(), serde_json::Error> {
        let of = |fate: RowFate| {
            rows.iter().filter(move |change| change.row.table() == table && change.fate == fate)
        };
        let hash = table_hash(table);
        self.command.arg(hash.length_field).arg(hash.name);
        self.command.arg(of(RowFate::Deleted).count());
        for change in of(RowFate::Deleted) {
            self.command.arg(&*rows::field(&change.row));
        }
        self.command.arg(of(RowFate::Stands).count());
        for change in of(RowFate::Stands) {
            self.command.arg(&*rows::field(&change.row));
            self.scratch.clear();
            rows::write(&mut self.scratch, change.slot, &change.row)?;
            self.scratch_in_feed();
        }
        Ok(())
    }
}

/// A line of table and row for each that was deleted.
fn deleted_lines(rows: &[RowChange]) -> Result<Vec<u8>, serde_json::Error> {
    let mut lines = Vec::new();
    for change in rows.iter().filter(|change| change.fate == RowFate::Deleted) {
        if !lines.is_empty() {
            lines.push(b'\n');
        }
        lines.extend_from_slice(change.row.table().name().as_bytes());
        lines.push(b' ');
        rows::write(&mut lines, change.slot, &change.row)?;
    }
    Ok(lines)
}
