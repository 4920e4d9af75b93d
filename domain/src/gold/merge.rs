//! The merge of all shards into the tables that readers see, kept incrementally.
//!
//! A customer lives in one shard; products, months, days, hours and countries are sums over shards.
//! Changes carry whole rows of a shard: the merged row moves by what the shard's row moved.

use super::rows::{CustomerRow, PlacedRow, ProductRow, Row, RowChange, RowFate, Table};
use crate::moment::{Day, Hour, Month};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Orders and revenue of one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sales {
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

/// A product over all shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductSales {
    /// Orders and revenue.
    pub sales: Sales,
    /// Smallest amount.
    pub min_cents: i64,
    /// Largest amount.
    pub max_cents: i64,
}

/// Sales of a key, and how many distinct customers bought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CustomerSales {
    /// Distinct customers who bought.
    pub customers: u64,
    /// Orders and revenue.
    pub sales: Sales,
}

/// The rows of one shard, by table and slot.
#[derive(Debug, Default)]
struct ShardRows {
    tables: [Vec<Option<Row>>; Table::ALL.len()],
}

impl ShardRows {
    fn replace(&mut self, table: Table, slot: u32, row: Option<Row>) -> Option<Row> {
        let rows = &mut self.tables[table as usize];
        let slot = slot as usize;
        if rows.len() <= slot {
            rows.resize_with(slot + 1, || None);
        }
        std::mem::replace(&mut rows[slot], row)
    }
}

/// All shards' tables as one.
#[derive(Debug, Default)]
pub struct MergedTables {
    shards: Vec<ShardRows>,
    /// By product.
    pub products: BTreeMap<Arc<str>, ProductSales>,
    /// By month.
    pub months: BTreeMap<Month, CustomerSales>,
    /// By day.
    pub days: BTreeMap<Day, Sales>,
    /// By hour of the wall clock; none where a version before there were any has folded the shards.
    pub hours: BTreeMap<Hour, Sales>,
    /// By country; null is the unknown one.
    pub countries: BTreeMap<Option<Arc<str>>, CustomerSales>,
    /// Sum over all countries.
    pub total: CustomerSales,
    /// Accepted purchases of known customers.
    pub known_orders: u64,
}

impl MergedTables {
    /// Empty tables of that many shards.
    #[must_use]
    pub fn new(shards: u32) -> Self {
        let shards = (0..shards).map(|_| ShardRows::default()).collect();
        Self { shards, ..Self::default() }
    }

    /// Takes a shard's rows as loaded. The shard must hold none yet.
    pub fn load(&mut self, shard: u32, rows: Vec<PlacedRow>) {
        for PlacedRow { slot, row } in rows {
            self.apply(shard, &RowChange { slot, row, fate: RowFate::Stands }, |_| ());
        }
    }

    /// Takes one change of a shard; `touched` hears the shard's rows that went and came:
    /// the merged rows of their keys may differ now.
    pub fn apply(&mut self, shard: u32, change: &RowChange, mut touched: impl FnMut(&Row)) {
        let Some(rows) = self.shards.get_mut(shard as usize) else { return };
        let new = change.standing();
        let old = rows.replace(change.row.table(), change.slot, new.cloned());
        if let Some(old) = &old {
            self.move_by(old, Direction::Out);
            touched(old);
        }
        if let Some(new) = new {
            self.move_by(new, Direction::In);
            touched(new);
        }
    }

    /// All customers, in no particular order.
    pub fn customers(&self) -> impl Iterator<Item = &Arc<CustomerRow>> {
        let tables = self.shards.iter().map(|shard| &shard.tables[Table::Customers as usize]);
        tables.flatten().flatten().filter_map(|row| match row {
            Row::Customer(row) => Some(row),
            _ => None,
        })
    }

    fn move_by(&mut self, row: &Row, direction: Direction) {
        match row {
            Row::Customer(row) => {
                let orders = if row.profile.is_some() { row.orders } else { 0 };
                match direction {
                    Direction::In => self.known_orders += orders,
                    Direction::Out => self.known_orders -= orders,
                }
            }
            Row::Product(row) => self.move_product(row, direction),
            Row::Month(row) => {
                let part = CustomerSales::new(row.customers, row.orders, row.revenue_cents);
                move_entry(&mut self.months, &row.month, part, direction);
            }
            Row::Day(row) => {
                let part = Sales { orders: row.orders, revenue_cents: row.revenue_cents };
                move_sales(&mut self.days, row.day, part, direction);
            }
            Row::Hour(row) => {
                let part = Sales { orders: row.orders, revenue_cents: row.revenue_cents };
                move_sales(&mut self.hours, row.hour, part, direction);
            }
            Row::Country(row) => {
                let part = CustomerSales::new(row.buyers, row.orders, row.revenue_cents);
                move_entry(&mut self.countries, &row.country, part, direction);
                self.total.move_by(part, direction);
            }
        }
    }

    fn move_product(&mut self, row: &ProductRow, direction: Direction) {
        let sales = Sales { orders: row.orders, revenue_cents: row.revenue_cents };
        let (min_cents, max_cents) = (row.min_cents, row.max_cents);
        let empty = ProductSales { sales: Sales::default(), min_cents, max_cents };
        let product = self.products.entry(Arc::clone(&row.product)).or_insert(empty);
        product.sales.move_by(sales, direction);
        // Accepted purchases are never taken back, so a shard's range only ever widens.
        product.min_cents = product.min_cents.min(min_cents);
        product.max_cents = product.max_cents.max(max_cents);
    }
}

/// Whether a row's part comes or goes.
#[derive(Debug, Clone, Copy)]
enum Direction {
    In,
    Out,
}

impl Sales {
    fn move_by(&mut self, part: Self, direction: Direction) {
        match direction {
            Direction::In => {
                self.orders += part.orders;
                self.revenue_cents += part.revenue_cents;
            }
            Direction::Out => {
                self.orders -= part.orders;
                self.revenue_cents -= part.revenue_cents;
            }
        }
    }
}

impl CustomerSales {
    fn new(customers: u64, orders: u64, revenue_cents: i64) -> Self {
        Self { customers, sales: Sales { orders, revenue_cents } }
    }

    fn move_by(&mut self, part: Self, direction: Direction) {
        self.sales.move_by(part.sales, direction);
        match direction {
            Direction::In => self.customers += part.customers,
            Direction::Out => self.customers -= part.customers,
        }
    }
}

fn move_sales<K: Ord + Copy>(
    table: &mut BTreeMap<K, Sales>,
    key: K,
    part: Sales,
    direction: Direction,
) {
    let sales = table.entry(key).or_default();
    sales.move_by(part, direction);
    if sales.orders == 0 {
        table.remove(&key);
    }
}

fn move_entry<K: Ord + Clone>(
    table: &mut BTreeMap<K, CustomerSales>,
    key: &K,
    part: CustomerSales,
    direction: Direction,
) {
    let entry = table.entry(key.clone()).or_default();
    entry.move_by(part, direction);
    if entry.sales.orders == 0 {
        table.remove(key);
    }
}
