//! What must be true: what is stored is the batch over the rows that it counts, at every moment; and once
//! everything is well again, everything is counted, once, and shown.

use crate::oracle::{batch, same, stored};
use crate::partitions::{places, read_by_stages};
use crate::producer::source_key;
use crate::scope::Scope;
use crate::shared::{Op, Shared, lock};
use crate::strike::is_silent;
use crate::world::{Seat, Shown, World};
use goldstream_client::message::Message;
use goldstream_client::tables::Tables;
use goldstream_domain::batch::Cut;
use goldstream_domain::column::Kind;
use goldstream_domain::gold::compare::Differences;
use goldstream_domain::gold::report::Gold;
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::generations::Generation;
use goldstream_platform::log::{Topic, TopicPartition};
use goldstream_platform::store::ShardId;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

impl World<'_> {
    /// Looks at what is stored and shown now.
    pub(crate) fn audit(&mut self) {
        let shared = lock(&self.shared);
        let found = if shared.shards.is_torn(&self.known.numbers()) {
            Ok(())
        } else {
            let of = |generation: &Generation| {
                let (gold, cut) = stored(&shared, generation)?;
                let what = format!("stored gold of generation {}", generation.number);
                same(&what, (&shared, generation.topology.rules()), &gold, cut)
            };
            self.known.at_work().try_for_each(of)
        };
        let found = found.and_then(|()| self.audit_view(&shared));
        drop(shared);
        self.trace.note(format_args!("an audit"));
        if let Err(what) = found {
            self.fail(what);
        }
    }

    fn audit_view(&self, shared: &Shared) -> Result<(), String> {
        let Ok(server) = &self.server else { return Ok(()) };
        if !server.is_loaded() {
            return Ok(());
        }
        let (_, gold, cut) = server.view.gold();
        let rules_of = |shown: &Generation| {
            let rules = shown.topology.rules();
            same("gold in the view", (shared, rules), &gold, cut.clone()).map(|()| rules)
        };
        // It goes over in its own time; what it shows is whole before and after.
        let rules = rules_of(server.told()).or_else(|error| {
            server.told_before().iter().find_map(|shown| rules_of(shown).ok()).ok_or(error)
        })?;
        let ends = BronzePartition::all(self.plan.partitions)
            .map(|at| (at, server.view.read(|state| state.counted_to(at))));
        let counted: BTreeMap<_, _> = ends.collect();
        // What it calls counted is in the numbers: the batch over those rows alone counts no more.
        let least = batch((shared, rules), Cut::Everything, |at, offset| offset < counted[&at]);
        if least.accounting.rows() > gold.accounting.rows() {
            let (said, have) = (least.accounting.rows(), gold.accounting.rows());
            return Err(format!("{said} rows are called counted, {have} are"));
        }
        Ok(())
    }

    /// What one server shows in one epoch only grows.
    pub(crate) fn view_must_not_go_back(&mut self) {
        let Ok(server) = &self.server else { return };
        let now = server.view.read(|state| {
            let silver = state.silver_positions().map(|(_, to)| to);
            let gold = state.gold_positions().map(|(_, to)| to);
            let whose = (server.owner, state.stamp().epoch);
            Shown { whose, positions: silver.chain(gold).collect() }
        });
        let before = self.shown.take().filter(|before| before.whose == now.whose);
        let gone_back = before.filter(|before| {
            let mut both = before.positions.iter().zip(&now.positions);
            both.any(|(before, now)| now < before)
        });
        if let Some(before) = gone_back {
            let (before, now) = (before.positions, &now.positions);
            self.fail(format!("the view goes back from {before:?} to {now:?} in one epoch"));
        }
        self.shown = Some(now);
    }

    /// Whether nothing is left to be done.
    pub(crate) fn is_settled(&mut self) -> bool {
        let is_alive = self.seats.iter().all(|seat| matches!(seat, Seat::Taken(_)));
        if !is_alive || !self.is_one_served() || !self.group.is_settled() || !self.shop.is_done() {
            return false;
        }
        let shared = lock(&self.shared);
        if shared.ops.values().any(Op::is_change) || shared.shards.is_torn(&self.known.numbers()) {
            return false;
        }
        let all = read_by_stages(Scope(self.known.served.number), self.plan.partitions);
        let is_read =
            |at: &TopicPartition| shared.shards.position(&shard_of(at)) == shared.log.end(*at);
        if !all.iter().all(is_read) || !self.all_rows_are_there(&shared) {
            return false;
        }
        let ends = BronzePartition::all(self.plan.partitions);
        let ends = ends.map(|at| (at, shared.log.end(at.into()))).collect();
        drop(shared);
        self.is_shown(&ends)
    }

    /// What keeps things from being well, for a person.
    pub(crate) fn what_is_open(&self) -> String {
        let shared = lock(&self.shared);
        let ops = shared.ops.len();
        let mut open = format!("{ops} on the way, group settled: {}", self.group.is_settled());
        open.push_str(&format!(", {:?}", shared.shards.found().map(|found| found.ledger)));
        for at in read_by_stages(Scope(self.known.served.number), self.plan.partitions) {
            let (stored, end) = (shared.shards.position(&shard_of(&at)), shared.log.end(at));
            if stored != end {
                open.push_str(&format!(", {at} at {stored} of {end}"));
            }
        }
        if !self.all_rows_are_there(&shared) {
            open.push_str(", rows of files are missing");
        }
        open.push_str(if self.shop.is_done() { "" } else { ", the shop writes" });
        if let Ok(server) = &self.server {
            let (stamp, is_loaded) = server.view.read(|state| (state.stamp(), state.is_loaded()));
            open.push_str(&format!(
                ", view {}/{}, loaded: {is_loaded}",
                stamp.epoch, stamp.version
            ));
            let at = server.view.read(|state| state.gold_positions().collect::<Vec<_>>());
            open.push_str(&format!(", its gold at {at:?}"));
        }
        for client in &self.clients {
            open.push_str(&format!(", client at {:?}", client.shown));
        }
        open
    }

    fn all_rows_are_there(&self, shared: &Shared) -> bool {
        let written = Kind::ALL.into_iter().map(|kind| {
            let all = self.shop.written.get(&kind).copied().unwrap_or(0);
            rows_of_file(shared, kind).len() as u64 >= all
        });
        written.into_iter().all(|all| all)
    }

    /// Whether the view and every client are at the end.
    fn is_shown(&mut self, ends: &BTreeMap<BronzePartition, u64>) -> bool {
        let Ok(server) = &self.server else { return false };
        if !server.is_loaded() || !server.view.is_counted(ends) {
            return false;
        }
        let shared = lock(&self.shared);
        let scope = Scope(server.told().number);
        let positions = server.view.read(|state| {
            let silver = state.silver_positions().map(|(at, to)| (ShardId::Silver(at), to));
            let gold = state.gold_positions().map(|(shard, to)| (ShardId::Gold(shard), to));
            silver.chain(gold).all(|(shard, to)| to == shared.shards.position(&scope.shard(shard)))
        });
        drop(shared);
        let epoch = server.view.read(goldstream_api::view::state::State::stamp).epoch;
        positions
            && self.clients.iter_mut().all(|client| {
                let at_epoch = client.shown.as_ref().is_some_and(|(of, _)| **of == *epoch);
                at_epoch && client.is_connected() && is_silent(client.wire())
            })
    }

    /// What must be true in the end.
    ///
    /// # Errors
    /// What is not.
    pub(crate) fn must_be_whole(&mut self) -> Result<(), String> {
        let shared = lock(&self.shared);
        let served = &self.known.served;
        let (gold, cut) = stored(&shared, served)?;
        let rules = served.topology.rules();
        same("stored gold", (&shared, rules), &gold, cut)?;
        same("stored gold", (&shared, rules), &gold, Cut::Everything)?;
        self.rows_must_add_up(&shared, &gold)?;
        quarantine_must_add_up(&shared, Scope(served.number), &gold)?;
        drop(shared);
        let Ok(server) = &mut self.server else { return Err("there is no server".to_owned()) };
        let (_, shown, _) = server.view.gold();
        if let Some(difference) = Differences::between(&shown, &gold).first.first() {
            return Err(format!("the view shows another gold than is stored: {difference}"));
        }
        self.clients_must_show_it()
    }

    /// Every row of a file once, every posted row as often as it stands in bronze.
    fn rows_must_add_up(&self, shared: &Shared, gold: &Gold) -> Result<(), String> {
        let mut all = 0;
        for kind in Kind::ALL {
            let written = self.shop.written.get(&kind).copied().unwrap_or(0);
            let expected = (1..=written).map(|row| (format!("{}@0", source_key(kind)), row));
            if !rows_of_file(shared, kind).into_iter().eq(expected) {
                return Err(format!("bronze has other rows than the file of {}", kind.name()));
            }
            all += written;
            for at in places(Topic::Bronze(kind), self.plan.partitions) {
                let mut posted = 0;
                shared.log.each(at, |_, headers, _| posted += u64::from(headers.origin.is_none()));
                all += posted;
            }
        }
        let counted = gold.accounting.rows();
        if counted != all {
            return Err(format!("{counted} rows have met a fate, {all} were sent"));
        }
        Ok(())
    }

    /// A client's tables are what a new one would be told.
    fn clients_must_show_it(&mut self) -> Result<(), String> {
        let fresh = self.clients.len();
        for client in 0..fresh {
            let Ok(server) = &mut self.server else { continue };
            let views = self.clients[client].views.clone();
            let wish = json!({"op": "subscribe", "id": "main", "views": views});
            let mut said = server.open(fresh);
            said.extend(server.hear(fresh, wish.to_string()));
            let mut tables = Tables::default();
            for said in said {
                if let goldstream_api::feed::line::Said::Text(text) = said {
                    let message = Message::parse(&text).map_err(|error| error.to_string())?;
                    tables.take(&message);
                }
            }
            if tables != self.clients[client].tables {
                let shown = self.clients[client].shown.clone();
                return Err(format!("client {client} shows something else at {shown:?}"));
            }
        }
        Ok(())
    }
}

/// The shard whose log this partition is.
fn shard_of(at: &TopicPartition) -> ShardId {
    match at.topic {
        Topic::Bronze(kind) => ShardId::Silver(BronzePartition { kind, partition: at.partition }),
        Topic::Silver | Topic::Quarantine => ShardId::Gold(at.partition),
    }
}

/// Sources and places of the rows of a file that bronze holds, each once.
fn rows_of_file(shared: &Shared, kind: Kind) -> BTreeSet<(String, u64)> {
    let mut rows = BTreeSet::new();
    for at in places(Topic::Bronze(kind), shared.log.count()) {
        shared.log.each(at, |_, headers, _| {
            if let Some(origin) = headers.origin {
                rows.insert((origin.source_id.to_string(), origin.origin));
            }
        });
    }
    rows
}

/// Every refused row stands in the quarantine, read by its chain once.
fn quarantine_must_add_up(shared: &Shared, scope: Scope, gold: &Gold) -> Result<(), String> {
    let mut found = BTreeSet::new();
    for at in places(Topic::Quarantine, shared.log.count()) {
        shared.log.each(scope.place(at), |_, headers, _| {
            if let Some(origin) = headers.origin {
                found.insert((origin.source_id.to_string(), origin.origin));
            }
        });
    }
    let counted: u64 = gold.accounting.quarantined.values().sum();
    if counted != found.len() as u64 {
        return Err(format!("{counted} rows are called refused, {} are kept", found.len()));
    }
    Ok(())
}
