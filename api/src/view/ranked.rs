//! The rows of the view in the order in which they are asked for: largest revenue first, then by
//! key in byte order; and found by key.
//!
//! It is built when somebody asks first and kept in step from then on: a backlog that nobody
//! looks at costs nothing.

use crate::fold::{fold, fold_name};
use goldstream_domain::gold::merge::{MergedTables, ProductSales};
use goldstream_domain::gold::rows::{CustomerId, CustomerRow};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// Where a row stands: largest revenue first, then by key in byte order.
pub type Place<K> = (Reverse<i64>, K);

/// A row that is ranked by its revenue.
pub trait Ranks: Clone {
    /// Sum of its purchases.
    fn revenue_cents(&self) -> i64;
}

impl Ranks for Arc<CustomerRow> {
    fn revenue_cents(&self) -> i64 {
        self.revenue_cents
    }
}

impl Ranks for ProductSales {
    fn revenue_cents(&self) -> i64 {
        self.sales.revenue_cents
    }
}

/// Rows by their place.
#[derive(Debug)]
pub struct Order<K, R> {
    rows: BTreeMap<Place<K>, R>,
}

impl<K, R> Default for Order<K, R> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, R: Ranks> Order<K, R> {
    /// All rows, the first place first. Who wants only some takes them.
    pub fn rows(&self) -> impl Iterator<Item = (&K, &R)> {
        self.rows.iter().map(|((_, key), row)| (key, row))
    }

    /// The rows behind a place, at which none needs to stand any more.
    pub fn after<'a>(
        &'a self,
        place: &Place<K>,
    ) -> impl Iterator<Item = (&'a K, &'a R)> + use<'a, K, R> {
        let behind = self.rows.range((Bound::Excluded(place), Bound::Unbounded));
        behind.map(|((_, key), row)| (key, row))
    }

    /// The first `count` rows.
    pub fn top(&self, count: usize) -> impl Iterator<Item = (&K, &R)> {
        self.rows().take(count)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn put(&mut self, key: K, row: R) {
        self.rows.insert((Reverse(row.revenue_cents()), key), row);
    }

    fn take(&mut self, key: K, row: &R) {
        self.rows.remove(&(Reverse(row.revenue_cents()), key));
    }
}

/// Rows by key and by place.
#[derive(Debug)]
pub struct Ranked<K, R> {
    by_key: BTreeMap<K, R>,
    order: Order<K, R>,
}

impl<K: Ord + Clone, R: Ranks> Ranked<K, R> {
    fn new(rows: impl Iterator<Item = (K, R)>) -> Self {
        // A map made of many rows at once sorts them first, which is much faster than one by one.
        let by_key: BTreeMap<K, R> = rows.collect();
        let placed =
            |(key, row): (&K, &R)| ((Reverse(row.revenue_cents()), key.clone()), row.clone());
        let order = Order { rows: by_key.iter().map(placed).collect() };
        Self { by_key, order }
    }

    /// The row of this key.
    pub fn get(&self, key: &K) -> Option<&R> {
        self.by_key.get(key)
    }

    /// All rows in the byte order of their keys.
    pub fn by_key(&self) -> impl Iterator<Item = (&K, &R)> {
        self.by_key.iter()
    }

    /// The rows by their place.
    #[must_use]
    pub const fn order(&self) -> &Order<K, R> {
        &self.order
    }

    /// Puts a row in place of the one that was there, or takes that away; gives it back.
    fn set(&mut self, key: &K, row: Option<R>) -> Option<R> {
        let old = match &row {
            Some(row) => self.by_key.insert(key.clone(), row.clone()),
            None => self.by_key.remove(key),
        };
        if let Some(old) = &old {
            self.order.take(key.clone(), old);
        }
        if let Some(row) = row {
            self.order.put(key.clone(), row);
        }
        old
    }
}

/// The customers of one country, by their place.
pub type CountryOrder = Order<CustomerId, Arc<CustomerRow>>;

/// The first `count` rows of several orders together, in one order.
pub fn together<'a, K: Ord + Clone + 'a, R: Ranks + 'a, I: Iterator<Item = (&'a K, &'a R)>>(
    orders: impl IntoIterator<Item = I>,
    count: usize,
) -> Vec<(K, R)> {
    let own = |rows: I| rows.take(count).map(|(key, row)| (key.clone(), row.clone()));
    let parts: Vec<Vec<(K, R)>> = orders.into_iter().map(|rows| own(rows).collect()).collect();
    let is_one = parts.len() < 2;
    let mut rows: Vec<_> = parts.into_iter().flatten().collect();
    if !is_one {
        rows.sort_by(|(a, of_a), (b, of_b)| {
            (Reverse(of_a.revenue_cents()), a).cmp(&(Reverse(of_b.revenue_cents()), b))
        });
        rows.truncate(count);
    }
    rows
}

/// Customers and products as they are asked for.
#[derive(Debug)]
pub struct Ranking {
    customers: Ranked<CustomerId, Arc<CustomerRow>>,
    /// Customers of each country, of the unknown one, too.
    pub(super) of_country: BTreeMap<Option<Arc<str>>, CountryOrder>,
    /// The countries of the same letters without case and accents, by these.
    pub(super) spelt: BTreeMap<String, BTreeSet<Arc<str>>>,
    products: Ranked<Arc<str>, ProductSales>,
}

impl Ranking {
    pub(super) fn new(tables: &MergedTables) -> Self {
        let rows = tables.customers().map(|row| (row.customer_id.clone(), Arc::clone(row)));
        let customers = Ranked::new(rows);
        let mut of_country: BTreeMap<Option<Arc<str>>, CountryOrder> = BTreeMap::new();
        for (id, row) in customers.order().rows() {
            of_country.entry(row.country.clone()).or_default().put(id.clone(), Arc::clone(row));
        }
        let mut spelt: BTreeMap<String, BTreeSet<Arc<str>>> = BTreeMap::new();
        for country in of_country.keys().flatten() {
            spelt.entry(fold(country)).or_default().insert(Arc::clone(country));
        }
        let products = tables.products.iter().map(|(key, row)| (Arc::clone(key), *row));
        Self { customers, of_country, spelt, products: Ranked::new(products) }
    }

    /// All customers.
    #[must_use]
    pub const fn customers(&self) -> &Ranked<CustomerId, Arc<CustomerRow>> {
        &self.customers
    }

    /// The customers of a country; null asks for those whose country is not known. None where
    /// nobody lives there.
    #[must_use]
    pub fn customers_of(&self, country: &Option<Arc<str>>) -> Option<&CountryOrder> {
        self.of_country.get(country)
    }

    /// The customers of each country of this name, whatever its case and accents; null as above.
    #[must_use]
    pub fn customers_like(&self, country: Option<&str>) -> Vec<&CountryOrder> {
        let Some(country) = country else {
            return self.of_country.get(&None).into_iter().collect();
        };
        let spelt = self.spelt.get(&fold_name(country)).into_iter().flatten();
        spelt.filter_map(|country| self.of_country.get(&Some(Arc::clone(country)))).collect()
    }

    /// All products.
    #[must_use]
    pub const fn products(&self) -> &Ranked<Arc<str>, ProductSales> {
        &self.products
    }

    pub(super) fn set_customer(&mut self, id: &CustomerId, row: Option<&Arc<CustomerRow>>) {
        if let Some(old) = self.customers.set(id, row.map(Arc::clone))
            && let Some(of_country) = self.of_country.get_mut(&old.country)
        {
            of_country.take(id.clone(), &old);
            if of_country.is_empty() {
                self.leave(&old.country);
            }
        }
        if let Some(row) = row {
            if let Some(country) = &row.country
                && !self.of_country.contains_key(&row.country)
            {
                self.spelt.entry(fold(country)).or_default().insert(Arc::clone(country));
            }
            let of_country = self.of_country.entry(row.country.clone()).or_default();
            of_country.put(id.clone(), Arc::clone(row));
        }
    }

    /// Forgets a country in which nobody lives any more.
    fn leave(&mut self, country: &Option<Arc<str>>) {
        self.of_country.remove(country);
        let Some(country) = country else { return };
        let folded = fold(country);
        if let Some(spelt) = self.spelt.get_mut(&folded) {
            spelt.remove(country);
            if spelt.is_empty() {
                self.spelt.remove(&folded);
            }
        }
    }

    pub(super) fn set_product(&mut self, product: &Arc<str>, row: Option<ProductSales>) {
        self.products.set(product, row);
    }
}
