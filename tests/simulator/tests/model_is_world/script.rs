//! Drawn operations on a log and a store, with all that they answered. What two worlds may answer
//! differently, such as the pieces in which records come, is not told.

use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::SourceId;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::dedupe::Claim;
use goldstream_domain::gold::rows::{CountryRow, Row, RowChange, RowFate};
use goldstream_domain::partition::partition_of;
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use goldstream_platform::conformance::{PARTITIONS, World};
use goldstream_platform::log::{Topic, TopicPartition};
use goldstream_platform::store::{
    Changes, Commit, Content, FeedEvent, Follower, Image, Part, ShardId, SourceCheckpoint,
};
use goldstream_simulator::draw::Draw;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Operations of one script.
const OPERATIONS: usize = 60;

/// Whether a shard can be forgotten by itself: not in one file with all others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Discards {
    Possible,
    Impossible,
}

/// One script: what was asked and answered, in its order.
struct Script<'a, W: World> {
    world: &'a mut W,
    draw: Draw,
    discards: Discards,
    /// Where each shard is, as it follows from the answers.
    positions: BTreeMap<ShardId, u64>,
    /// Countries that stand in the gold shard, by slot.
    countries: BTreeMap<u32, u64>,
    told: Vec<String>,
    follower: Option<(Box<dyn Follower>, usize)>,
}

fn shards() -> [ShardId; 3] {
    let bronze = BronzePartition { kind: Kind::Purchases, partition: 1 };
    [ShardId::Gold(0), ShardId::Silver(bronze), ShardId::Source("file:/a".into())]
}

fn at(partition: usize) -> TopicPartition {
    TopicPartition::new(Topic::Bronze(Kind::Purchases), partition as u32)
}

/// Records that any log accepts where they are put.
fn block(draw: &mut Draw, at: TopicPartition) -> Block {
    let (source, mut builder): (SourceId, _) = ("file:/a@0".into(), BlockBuilder::default());
    for _ in 0..draw.between(1, 4) {
        let number = draw.between(1, 1_000);
        let mut ids = (0..).map(|salt| format!("{number}-{salt}"));
        let id = ids.find(|id| partition_of(id.as_bytes(), PARTITIONS) == at.partition).unwrap();
        let fields = [id.as_str(), "7", "2024-03-01", "1.00", "é"];
        let row = BronzeRow::Columns { names: Names::default(), fields };
        let prev = draw.below(number as usize) as u64;
        let origin = Origin { source_id: &source, origin: number, prev };
        let origin = (!draw.once_in(3)).then_some(origin);
        let ingested_at_ms = 1_700_000_000_000 + draw.below(9_000) as i64;
        builder.push(Headers { origin, ingested_at_ms, line: None }, |out| row.encode(out));
    }
    builder.take()
}

impl<W: World> Script<'_, W> {
    async fn run(mut self) -> Vec<String> {
        for _ in 0..OPERATIONS {
            match self.draw.below(20) {
                0..=4 => self.append().await,
                5..=8 => self.read().await,
                9..=14 => self.commit().await,
                15..=16 => self.load().await,
                17 => self.follow().await,
                18 if self.draw.once_in(4) => self.restart().await,
                18 => self.position().await,
                _ => self.discard().await,
            }
        }
        self.follow().await;
        self.told
    }

    async fn append(&mut self) {
        let count = self.draw.between(1, 3);
        let mut blocks = Vec::new();
        for _ in 0..count {
            let at = at(self.draw.below(PARTITIONS as usize));
            blocks.push((at, block(&mut self.draw, at)));
        }
        let lie = self.world.log().append(blocks).await.unwrap();
        self.told.push(format!("append: {lie:?}"));
    }

    async fn read(&mut self) {
        let (log, at) = (self.world.log(), at(self.draw.below(PARTITIONS as usize)));
        let end = log.end(at).await.unwrap();
        let from = self.draw.below(end as usize + 2) as u64;
        let (mut position, mut found) = (from, Vec::new());
        while let Some(fetched) = log.read(at, position).await.unwrap() {
            for (offset, record) in (fetched.first..).zip(fetched.block.records()) {
                let record = record.unwrap();
                let row = BronzeRow::decode(record.payload).unwrap().to_json(Kind::Purchases);
                if offset >= position {
                    found.push(format!("{offset} {:?} {row}", record.headers));
                }
            }
            position = fetched.first + fetched.block.len();
        }
        self.told.push(format!("read of {at} from {from} to {end}: {found:?}"));
    }

    async fn commit(&mut self) {
        let shard = self.draw.one_of(&shards()).clone();
        let stored = self.positions.get(&shard).copied().unwrap_or(0);
        // Most follow; others come late, early or once more.
        let from = match self.draw.below(6) {
            0 => stored.saturating_sub(self.draw.between(1, 3)),
            1 => stored + self.draw.between(1, 3),
            _ => stored,
        };
        let to = from + self.draw.between(1, 3);
        let changes = self.changes(&shard, from, to);
        let ingested_at_ms = (!self.draw.once_in(3)).then_some(5);
        let commit =
            Commit { shard: shard.clone(), from, to, ingested_at_ms, traces: Vec::new(), changes };
        let made = self.world.store().commit(Arc::new(commit.clone())).await;
        self.told.push(format!("commit of {shard} {from}->{to}: {made:?}"));
        if made.is_ok() && from == stored {
            self.positions.insert(shard, to);
            self.note(&commit);
        }
    }

    fn note(&mut self, commit: &Commit) {
        if let Changes::Gold { rows, .. } = &commit.changes {
            for change in rows {
                match change.fate {
                    RowFate::Stands => self.countries.insert(change.slot, 1),
                    RowFate::Deleted => self.countries.remove(&change.slot),
                };
            }
        }
        let is_seen = !matches!(commit.shard, ShardId::Source(_));
        if let Some((_, waiting)) = &mut self.follower
            && is_seen
        {
            *waiting += 1;
        }
    }

    fn changes(&mut self, shard: &ShardId, from: u64, to: u64) -> Changes {
        match shard {
            ShardId::Gold(_) => {
                let mut head = GoldHead::default();
                head.counts.accepted_purchases = to;
                let mut rows = Vec::new();
                for slot in 0..self.draw.between(0, 6) as u32 {
                    let is_deleted = self.countries.contains_key(&slot) && self.draw.once_in(3);
                    let orders = if is_deleted { 0 } else { self.draw.between(1, 90) };
                    let country = Some(format!("N{slot}").into());
                    let revenue_cents = orders as i64 * 7;
                    let row = CountryRow { country, buyers: 1, orders, revenue_cents };
                    let fate = if is_deleted { RowFate::Deleted } else { RowFate::Stands };
                    rows.push(RowChange { slot, row: Row::Country(row), fate });
                }
                Changes::Gold { head, rows, accepted: Vec::new() }
            }
            ShardId::Silver(_) => {
                let head = SilverHead { duplicate_purchases: to, ..SilverHead::default() };
                let claim = |n: u64| Claim { id: u128::from(n) << 70 | 3, content: !n, offset: n };
                Changes::Silver { head, claims: (from..to).map(claim).collect() }
            }
            ShardId::Source(_) => {
                Changes::Source(SourceCheckpoint { rows: to, ..SourceCheckpoint::default() })
            }
        }
    }

    async fn load(&mut self) {
        let shard = self.draw.one_of(&shards()).clone();
        let part = if self.draw.once_in(3) { Part::WithoutClaims } else { Part::Whole };
        let Image { position, content } =
            self.world.store().load(shard.clone(), part).await.unwrap();
        let content = match content {
            Content::Gold { head, rows } => {
                let mut rows: Vec<_> = rows.iter().map(|it| format!("{it:?}")).collect();
                rows.sort();
                format!("{head:?} {rows:?}")
            }
            // Whether claims that nobody asked for come along is left open.
            Content::Silver { head, .. } if part == Part::WithoutClaims => format!("{head:?}"),
            content => format!("{content:?}"),
        };
        self.told.push(format!("load of {shard} at {position}: {content}"));
    }

    async fn position(&mut self) {
        let shard = self.draw.one_of(&shards()).clone();
        let position = self.world.store().position(shard.clone()).await.unwrap();
        self.told.push(format!("position of {shard}: {position}"));
    }

    async fn discard(&mut self) {
        let shard = self.draw.one_of(&shards()).clone();
        // A feed that began before would go on where the shard's new one is not yet.
        if self.discards == Discards::Impossible || self.follower.is_some() {
            return;
        }
        self.world.store().discard(shard.clone()).await.unwrap();
        self.told.push(format!("discard of {shard}"));
        if matches!(shard, ShardId::Gold(_)) {
            self.countries.clear();
        }
        self.positions.remove(&shard);
    }

    /// Hears what was committed since it was followed, shard by shard, and follows again or no more.
    async fn follow(&mut self) {
        if let Some((mut follower, waiting)) = self.follower.take() {
            let mut seen: BTreeMap<ShardId, Vec<String>> = BTreeMap::new();
            for _ in 0..waiting {
                let event = follower.next().await.unwrap();
                let FeedEvent::Commit(commit) = event else { panic!("{event:?}") };
                let Commit { shard, from, to, ingested_at_ms, changes, .. } = &*commit;
                let changes = match changes {
                    Changes::Gold { head, rows, .. } => {
                        let mut rows: Vec<_> = rows.iter().map(|it| format!("{it:?}")).collect();
                        rows.sort();
                        format!("{head:?} {rows:?}")
                    }
                    Changes::Silver { head, .. } => format!("{head:?}"),
                    Changes::Source(_) => "a checkpoint".to_owned(),
                };
                let entry = format!("{from}->{to} {ingested_at_ms:?} {changes}");
                seen.entry(shard.clone()).or_default().push(entry);
            }
            self.told.push(format!("feed: {seen:?}"));
            return;
        }
        self.follower = Some((self.world.store().follow().await.unwrap(), 0));
        self.told.push("follow".to_owned());
    }

    async fn restart(&mut self) {
        self.follower = None;
        self.world.restart().await;
        self.told.push("restart".to_owned());
    }
}

/// What a script is answered.
pub(crate) async fn told<W: World>(world: &mut W, seed: u64, discards: Discards) -> Vec<String> {
    let script = Script {
        world,
        draw: Draw::new(seed),
        discards,
        positions: BTreeMap::new(),
        countries: BTreeMap::new(),
        told: Vec::new(),
        follower: None,
    };
    script.run().await
}
