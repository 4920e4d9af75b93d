//! What can be asked of the view at one version, by readers and by subscribers. Nothing changes here.

use super::BronzeEnds;
use super::counted::Counted;
use super::ranked::Ranking;
use super::state::{Stamp, State};
use goldstream_domain::batch::Cut;
use goldstream_domain::gold::merge::MergedTables;
use goldstream_domain::gold::report::{
    Accounting, CountryReport, DayReport, Gold, MonthReport, ProductReport, Summary,
    country_reports,
};
use goldstream_domain::moment::{Day, Month};
use goldstream_domain::money::SUM_CENTS_MAX;
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::store::AcceptedPurchase;
use std::sync::Arc;

/// What readers ask.
impl State {
    /// Number of partitions of every topic.
    #[must_use]
    pub const fn partitions(&self) -> u32 {
        self.partitions
    }

    /// Whether the shards are loaded.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Which version this is.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let (version, as_of_ms) = (self.version, self.as_of_ms);
        Stamp { epoch: Arc::clone(&self.epoch), version, as_of_ms }
    }

    /// The epoch, where it began with a store whose rows must be counted again.
    #[must_use]
    pub fn epoch_begun_empty(&self) -> Option<Arc<str>> {
        self.began_empty.then(|| Arc::clone(&self.epoch))
    }

    /// The merged tables.
    #[must_use]
    pub const fn tables(&self) -> &MergedTables {
        &self.tables
    }

    /// The rows in order of rank; none before somebody has asked for them.
    #[must_use]
    pub const fn ranking(&self) -> Option<&Ranking> {
        self.ranking.as_ref()
    }

    /// Whether gold has hours: what a version before there were any has folded has none.
    #[must_use]
    pub fn knows_hours(&self) -> bool {
        !self.tables.hours.is_empty() || self.tables.days.is_empty()
    }

    /// The totals.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Every row's fate.
    #[must_use]
    pub const fn accounting(&self) -> &Accounting {
        &self.accounting
    }

    /// The countries in the byte order of their names, the unknown one last.
    #[must_use]
    pub fn countries(&self) -> Vec<CountryReport> {
        country_reports(&self.tables)
    }

    /// The whole gold but its customers, who are many.
    #[must_use]
    pub fn gold_without_customers(&self) -> Gold {
        let accounting = self.accounting.clone();
        Gold::without_customers(&self.tables, accounting, self.known_customers())
    }

    /// The rows of bronze that this version has counted.
    #[must_use]
    pub fn cut(&self) -> Cut {
        let silver = self.silver.iter().map(|(at, placed)| (*at, placed.position));
        Cut::of_shards(silver, self.gold.iter().map(|placed| &placed.head))
    }

    /// Whether every bronze row before these ends is in the numbers.
    #[must_use]
    pub fn is_counted(&self, ends: &BronzeEnds) -> bool {
        let is_counted = |(at, end): (&BronzePartition, &u64)| self.counted_to(*at) >= *end;
        self.loaded && ends.iter().all(is_counted)
    }

    /// The rows of this partition before this position are in the numbers.
    #[must_use]
    pub fn counted_to(&self, at: BronzePartition) -> u64 {
        self.counted.get(&at).map_or(0, Counted::to)
    }

    /// Whether the revenue over all shards has left the range in which every JSON reader is exact.
    #[must_use]
    pub const fn is_overflown(&self) -> bool {
        self.summary.revenue_cents >= SUM_CENTS_MAX
    }

    /// How far each bronze partition has been read by its silver shard.
    pub fn silver_positions(&self) -> impl Iterator<Item = (BronzePartition, u64)> {
        self.silver.iter().map(|(at, placed)| (*at, placed.position))
    }

    /// How far each silver partition has been read by its gold shard.
    pub fn gold_positions(&self) -> impl Iterator<Item = (u32, u64)> {
        (0..).zip(self.gold.iter().map(|placed| placed.position))
    }

    /// Rows counted per second over the last seconds.
    #[must_use]
    pub fn rows_per_second(&self, now_ms: i64) -> u64 {
        self.rate.rows_per_second(now_ms)
    }

    /// The time from bronze to here that so many hundredths of the last commits did not exceed.
    #[must_use]
    pub fn latency_ms(&self, hundredths: u64) -> Option<u64> {
        self.latency.percentile_ms(hundredths)
    }
}

/// What subscribers ask.
impl State {
    /// Whether all changes since `version` are known.
    #[must_use]
    pub fn knows_since(&self, version: u64) -> bool {
        (self.changed.known_from()..=self.version).contains(&version)
    }

    /// Whether the totals changed after `version`.
    #[must_use]
    pub const fn summary_changed_since(&self, version: u64) -> bool {
        self.changed.summary_at > version
    }

    /// Whether the accounting changed after `version`.
    #[must_use]
    pub const fn accounting_changed_since(&self, version: u64) -> bool {
        self.changed.accounting_at > version
    }

    /// Countries that changed after `version`: the key, and the row where there still is one.
    pub fn countries_since(
        &self,
        version: u64,
    ) -> impl Iterator<Item = (Option<Arc<str>>, Option<CountryReport>)> {
        self.changed.countries.since(version).map(|key| {
            let row = self.tables.countries.get(key);
            (key.clone(), row.map(|row| CountryReport::new(key.as_ref(), row)))
        })
    }

    /// The products in the byte order of their names.
    pub fn products(&self) -> impl Iterator<Item = ProductReport> {
        self.tables.products.iter().map(|(key, row)| ProductReport::new(key, row))
    }

    /// Products that changed after `version`.
    pub fn products_since(
        &self,
        version: u64,
    ) -> impl Iterator<Item = (&Arc<str>, Option<ProductReport>)> {
        self.changed
            .products
            .since(version)
            .map(|key| (key, self.tables.products.get(key).map(|row| ProductReport::new(key, row))))
    }

    /// The months in their order.
    pub fn months(&self) -> impl Iterator<Item = MonthReport> {
        self.tables.months.iter().map(|(key, row)| MonthReport::new(*key, row))
    }

    /// Months that changed after `version`.
    pub fn months_since(&self, version: u64) -> impl Iterator<Item = (Month, Option<MonthReport>)> {
        self.changed
            .months
            .since(version)
            .map(|key| (*key, self.tables.months.get(key).map(|row| MonthReport::new(*key, row))))
    }

    /// The days in their order.
    pub fn days(&self) -> impl Iterator<Item = DayReport> {
        self.tables.days.iter().map(|(key, row)| DayReport::new(*key, row))
    }

    /// Days that changed after `version`.
    pub fn days_since(&self, version: u64) -> impl Iterator<Item = (Day, Option<DayReport>)> {
        self.changed
            .days
            .since(version)
            .map(|key| (*key, self.tables.days.get(key).map(|row| DayReport::new(*key, row))))
    }

    /// The last accepted purchases, the newest first.
    pub fn last_purchases(&self) -> impl Iterator<Item = &Arc<AcceptedPurchase>> {
        self.last_purchases.iter()
    }

    /// When bronze took in the oldest row that moved gold after `version`.
    #[must_use]
    pub fn gold_ingested_since(&self, version: u64) -> Option<i64> {
        self.changed.gold.oldest_since(version)
    }

    /// When bronze took in the oldest row that moved the accounting alone after `version`.
    #[must_use]
    pub fn silver_ingested_since(&self, version: u64) -> Option<i64> {
        self.changed.silver.oldest_since(version)
    }
}
