//! What the view holds at one version, and how a commit makes the next one. Pure: times are
//! arguments, nothing waits. What can be asked of it stands in [`super::read`].

use super::changed::Changed;
use super::counted::Counted;
use super::figures::{Latency, Rate};
use super::ranked::Ranking;
use crate::limits::PURCHASES_TOP_MAX;
use goldstream_domain::gold::merge::MergedTables;
use goldstream_domain::gold::report::{Accounting, Summary};
use goldstream_domain::gold::rows::{PlacedRow, Row, RowChange};
use goldstream_domain::moment::{Day, Month};
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use goldstream_platform::store::{AcceptedPurchase, Changes, Commit, ShardId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A shard's head with the position that it reflects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placed<H> {
    /// The position.
    pub position: u64,
    /// The head.
    pub head: H,
}

/// All shards as they were loaded.
#[derive(Debug, Default)]
pub struct Loaded {
    /// By bronze partition.
    pub silver: BTreeMap<BronzePartition, Placed<SilverHead>>,
    /// By silver partition.
    pub gold: Vec<(Placed<GoldHead>, Vec<PlacedRow>)>,
    /// The last accepted purchases, the newest first; none where they could not be found.
    pub last_purchases: Option<Vec<AcceptedPurchase>>,
}

/// Which version of which server, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Versions of one epoch can be compared.
    pub epoch: Arc<str>,
    /// How many commits were applied in it.
    pub version: u64,
    /// When the last one was: milliseconds since 1970 UTC.
    pub as_of_ms: i64,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is in the numbers: a new version.
    Applied,
    /// It was in them before, or concerns nothing that is shown.
    Skipped,
    /// Commits before it are missing: load again.
    Gap,
}

/// Whether loaded shards continue what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// They are of the same store.
    Same,
    /// The store was emptied or is another one.
    Another,
}

/// What became of loaded shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// They are shown.
    Shown,
    /// The store is behind what is shown; that is kept until it has caught up.
    Behind,
}

/// Keys whose merged rows may differ after a commit.
#[derive(Debug, Default)]
struct Touched {
    products: BTreeSet<Arc<str>>,
    months: BTreeSet<Month>,
    days: BTreeSet<Day>,
    countries: BTreeSet<Option<Arc<str>>>,
}

impl Touched {
    fn note(&mut self, row: &Row) {
        match row {
            // Nobody is told of hours as they change.
            Row::Customer(_) | Row::Hour(_) => {}
            Row::Product(row) => {
                self.products.insert(Arc::clone(&row.product));
            }
            Row::Month(row) => {
                self.months.insert(row.month);
            }
            Row::Day(row) => {
                self.days.insert(row.day);
            }
            Row::Country(row) => {
                self.countries.insert(row.country.clone());
            }
        }
    }
}

/// The view at one version.
#[derive(Debug)]
pub struct State {
    pub(super) partitions: u32,
    pub(super) epoch: Arc<str>,
    pub(super) version: u64,
    pub(super) as_of_ms: i64,
    pub(super) loaded: bool,
    /// Whether this epoch began with a store in which nothing was, or nothing of what was shown.
    pub(super) began_empty: bool,
    pub(super) tables: MergedTables,
    /// None before somebody asks for rows in order.
    pub(super) ranking: Option<Ranking>,
    pub(super) silver: BTreeMap<BronzePartition, Placed<SilverHead>>,
    pub(super) gold: Vec<Placed<GoldHead>>,
    pub(super) summary: Summary,
    pub(super) accounting: Accounting,
    pub(super) counted: BTreeMap<BronzePartition, Counted>,
    /// The newest first.
    pub(super) last_purchases: VecDeque<Arc<AcceptedPurchase>>,
    pub(super) changed: Changed,
    pub(super) rate: Rate,
    pub(super) latency: Latency,
}

impl State {
    pub(crate) fn new(partitions: u32, now_ms: i64) -> Self {
        Self {
            partitions,
            epoch: new_epoch(now_ms),
            version: 0,
            as_of_ms: now_ms,
            loaded: false,
            began_empty: false,
            tables: MergedTables::new(partitions),
            ranking: None,
            silver: BronzePartition::all(partitions).map(|at| (at, Placed::default())).collect(),
            gold: vec![Placed::default(); partitions as usize],
            summary: Summary::default(),
            accounting: Accounting::default(),
            counted: BTreeMap::new(),
            last_purchases: VecDeque::new(),
            changed: Changed::default(),
            rate: Rate::default(),
            latency: Latency::default(),
        }
    }

    /// Shows loaded shards in place of what is shown.
    pub(crate) fn install(
        &mut self,
        loaded: Loaded,
        continuity: Continuity,
        now_ms: i64,
    ) -> Installed {
        self.began_empty |= is_emptied(&loaded);
        if self.loaded {
            let emptied = is_emptied(&loaded) && self.accounting.rows() > 0;
            if emptied || continuity == Continuity::Another {
                self.began_empty = true;
                if !planted::is(Bug::EpochKept) {
                    self.epoch = new_epoch(now_ms);
                }
                self.last_purchases.clear();
            } else if self.is_ahead_of(&loaded) && !planted::is(Bug::ViewGoesBack) {
                return Installed::Behind;
            }
            self.version += 1;
        }
        self.tables = MergedTables::new(self.partitions);
        self.ranking = None;
        self.gold.clear();
        for (shard, (placed, rows)) in (0..).zip(loaded.gold) {
            self.tables.load(shard, rows);
            self.gold.push(placed);
        }
        self.silver = loaded.silver;
        if let Some(purchases) = loaded.last_purchases {
            self.last_purchases = purchases.into_iter().map(Arc::new).collect();
        }
        self.counted.clear();
        for at in BronzePartition::all(self.partitions) {
            self.mark(at);
        }
        self.settle();
        self.summary = self.fresh_summary();
        self.accounting = self.fresh_accounting();
        self.changed.forget(self.version);
        // What was there before must not look like what came in this second.
        self.rate.note(now_ms - 1_000, self.accounting.rows());
        self.as_of_ms = now_ms;
        self.loaded = true;
        Installed::Shown
    }

    /// Takes one commit in, if it is the next of its shard.
    pub(crate) fn apply(&mut self, commit: &Commit, now_ms: i64) -> Step {
        let cursor = match &commit.shard {
            ShardId::Silver(at) => self.silver.get(at).map(|placed| placed.position),
            ShardId::Gold(shard) => self.gold.get(*shard as usize).map(|placed| placed.position),
            ShardId::Source(_) => None,
        };
        let Some(cursor) = cursor else { return Step::Skipped };
        if commit.to <= cursor {
            return Step::Skipped;
        }
        if commit.from > cursor && !planted::is(Bug::GapsNotSeen) {
            return Step::Gap;
        }
        match (&commit.shard, &commit.changes) {
            (ShardId::Silver(at), Changes::Silver { head, .. }) => {
                self.version += 1;
                self.silver.insert(*at, Placed { position: commit.to, head: head.clone() });
                self.mark(*at);
                self.settle();
                self.note_accounting(commit.ingested_at_ms);
            }
            (ShardId::Gold(shard), Changes::Gold { head, rows, accepted }) => {
                self.version += 1;
                self.list_purchases(accepted);
                self.apply_gold(*shard, Placed { position: commit.to, head: head.clone() }, rows);
                self.settle();
                self.note_gold(commit.ingested_at_ms, now_ms);
            }
            _ => return Step::Skipped,
        }
        self.as_of_ms = now_ms;
        self.rate.note(now_ms, self.accounting.rows());
        Step::Applied
    }

    fn apply_gold(&mut self, shard: u32, placed: Placed<GoldHead>, rows: &[RowChange]) {
        let mut touched = Touched::default();
        for change in rows {
            self.tables.apply(shard, change, |row| touched.note(row));
        }
        self.rank_changes(rows, &touched.products);
        self.stamp_changes(touched);
        if let Some(gold) = self.gold.get_mut(shard as usize) {
            *gold = placed;
        }
    }

    fn stamp_changes(&mut self, touched: Touched) {
        let Touched { products, months, days, countries } = touched;
        let Self { changed, tables, version, .. } = self;
        for product in products {
            changed.products.changed(product, *version);
        }
        for month in months {
            changed.months.changed(month, *version);
        }
        for day in days {
            changed.days.changed(day, *version);
        }
        for country in countries {
            if tables.countries.contains_key(&country) {
                changed.countries.changed(country, *version);
            } else {
                changed.countries.deleted(country, *version);
            }
        }
    }

    /// Keeps the newest accepted purchases.
    fn list_purchases(&mut self, accepted: &[AcceptedPurchase]) {
        for purchase in accepted {
            if self.last_purchases.len() == PURCHASES_TOP_MAX {
                self.last_purchases.pop_back();
            }
            self.last_purchases.push_front(Arc::new(purchase.clone()));
        }
    }

    /// Remembers what gold must take in until the rows that silver has read are counted.
    fn mark(&mut self, at: BronzePartition) {
        if let Some(Placed { position, head }) = self.silver.get(&at) {
            self.counted.entry(at).or_default().mark(*position, &head.tails);
        }
    }

    fn settle(&mut self) {
        let gold = self.gold.iter().map(|gold| &gold.head);
        for (at, counted) in &mut self.counted {
            counted.settle(*at, &gold);
        }
    }

    /// Sorts the rows, unless they are kept sorted already.
    pub(crate) fn rank(&mut self) {
        if self.ranking.is_none() {
            self.ranking = Some(Ranking::new(&self.tables));
        }
    }

    fn rank_changes(&mut self, rows: &[RowChange], products: &BTreeSet<Arc<str>>) {
        let Some(ranking) = &mut self.ranking else { return };
        for change in rows {
            if let Row::Customer(row) = &change.row {
                ranking.set_customer(&row.customer_id, change.standing().and(Some(row)));
            }
        }
        for product in products {
            ranking.set_product(product, self.tables.products.get(product).copied());
        }
    }

    /// Duplicates and refused rows move with silver commits.
    fn note_accounting(&mut self, ingested_at_ms: Option<i64>) {
        let accounting = self.fresh_accounting();
        if accounting == self.accounting {
            return;
        }
        self.accounting = accounting;
        self.changed.accounting_at = self.version;
        if let Some(at_ms) = ingested_at_ms {
            self.changed.silver.note(self.version, at_ms);
        }
    }

    fn note_gold(&mut self, ingested_at_ms: Option<i64>, now_ms: i64) {
        let summary = self.fresh_summary();
        if summary != self.summary {
            self.summary = summary;
            self.changed.summary_at = self.version;
        }
        let accounting = self.fresh_accounting();
        if accounting != self.accounting {
            self.accounting = accounting;
            self.changed.accounting_at = self.version;
        }
        if let Some(at_ms) = ingested_at_ms {
            self.changed.gold.note(self.version, at_ms);
            self.latency.note(now_ms, now_ms - at_ms);
        }
    }

    fn fresh_summary(&self) -> Summary {
        Summary::new(&self.tables, self.known_customers())
    }

    fn fresh_accounting(&self) -> Accounting {
        let silver = self.silver.iter().map(|(at, placed)| (at.kind, &placed.head));
        Accounting::of_heads(silver, self.gold.iter().map(|placed| &placed.head))
    }

    pub(super) fn known_customers(&self) -> u64 {
        self.gold.iter().map(|gold| gold.head.counts.known_customers).sum()
    }

    fn is_ahead_of(&self, loaded: &Loaded) -> bool {
        let silver = self.silver.iter().any(|(at, shown)| {
            loaded.silver.get(at).is_none_or(|placed| placed.position < shown.position)
        });
        let mut gold = self.gold.iter().zip(&loaded.gold);
        silver || gold.any(|(shown, (placed, _))| placed.position < shown.position)
    }
}

fn is_emptied(loaded: &Loaded) -> bool {
    loaded.silver.values().all(|placed| placed.position == 0)
        && loaded.gold.iter().all(|(placed, _)| placed.position == 0)
}

/// A name that no earlier start of a server has had.
fn new_epoch(now_ms: i64) -> Arc<str> {
    let mut hasher = DefaultHasher::new();
    (now_ms, std::process::id()).hash(&mut hasher);
    format!("{:08x}", hasher.finish() as u32).into()
}
