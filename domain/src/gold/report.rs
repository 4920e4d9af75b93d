//! The whole gold as readers get it: the object of the contract, averages derived, rows in the
//! byte order of their keys, the unknown country last.

use super::merge::{CustomerSales, MergedTables, ProductSales, Sales};
use super::rows::{CustomerId, CustomerRow};
use crate::column::Kind;
use crate::moment::{Day, Hour, Moment, Month};
use crate::money::mean_half_even;
use crate::progress::{GoldHead, SilverHead};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that the shop can ask, at one version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gold {
    /// Every row's fate.
    pub accounting: Accounting,
    /// The totals.
    pub summary: Summary,
    /// By customer id.
    pub customers: Vec<CustomerReport>,
    /// By product.
    pub products: Vec<ProductReport>,
    /// By month.
    pub months: Vec<MonthReport>,
    /// By day.
    pub days: Vec<DayReport>,
    /// By country, the unknown one last.
    pub countries: Vec<CountryReport>,
    /// By hour. The object of the contract has them not, but whoever holds one gold against another does: they
    /// are counted like all else.
    #[serde(skip)]
    pub hours: Vec<HourReport>,
}

/// How many rows met which fate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounting {
    /// Purchases in gold.
    pub accepted_purchases: u64,
    /// The same purchase again: counted and dropped.
    pub duplicate_purchases: u64,
    /// Valid customer rows.
    pub customer_versions: u64,
    /// Those of them that changed nothing.
    pub unchanged_customers: u64,
    /// Refused rows by kind and reason: `purchases.bad_date`.
    pub quarantined: BTreeMap<String, u64>,
}

impl Accounting {
    /// What the heads of all shards say together.
    #[must_use]
    pub fn of_heads<'a>(
        silver: impl IntoIterator<Item = (Kind, &'a SilverHead)>,
        gold: impl IntoIterator<Item = &'a GoldHead>,
    ) -> Self {
        let mut all = Self::default();
        for counts in gold.into_iter().map(|head| &head.counts) {
            all.accepted_purchases += counts.accepted_purchases;
            all.customer_versions += counts.customer_versions;
            all.unchanged_customers += counts.unchanged_customers;
        }
        for (kind, head) in silver {
            all.duplicate_purchases += head.duplicate_purchases;
            for (reason, rows) in &head.quarantined {
                *all.quarantined.entry(reason.account(kind)).or_default() += rows;
            }
        }
        all
    }

    /// All rows that have met their fate.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let quarantined: u64 = self.quarantined.values().sum();
        self.accepted_purchases + self.duplicate_purchases + self.customer_versions + quarantined
    }
}

/// The totals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Customers with a profile.
    pub customers: u64,
    /// Customers with a purchase.
    pub buyers: u64,
    /// Products with a purchase.
    pub products: u64,
    /// Countries with a purchase, without the unknown one.
    pub countries: u64,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Revenue per order.
    pub average_basket_cents: Option<i64>,
    /// Revenue per known customer.
    pub average_customer_value_cents: Option<i64>,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerReport {
    /// The key.
    pub customer_id: CustomerId,
    /// Whether he has a row of his own.
    pub known: bool,
    /// As in his latest version.
    pub name: Option<Arc<str>>,
    /// As in his latest version, lower case.
    pub email: Option<Arc<str>>,
    /// As in his latest version.
    pub signup_date: Option<Day>,
    /// As in his latest version.
    pub country: Option<Arc<str>>,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Revenue per order.
    pub average_cents: Option<i64>,
    /// Earliest.
    pub first_purchase: Option<Moment>,
    /// Latest.
    pub last_purchase: Option<Moment>,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductReport {
    /// The key.
    pub product: Arc<str>,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Revenue per order.
    pub average_cents: Option<i64>,
    /// Smallest amount.
    pub min_cents: i64,
    /// Largest amount.
    pub max_cents: i64,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthReport {
    /// The key.
    pub month: Month,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Revenue per order.
    pub average_basket_cents: Option<i64>,
    /// Distinct customers who bought.
    pub customers: u64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayReport {
    /// The key.
    pub day: Day,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

/// An hour of the shop's wall clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourReport {
    /// The key.
    pub hour: Hour,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

/// A country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryReport {
    /// The key; null for the unknown one.
    pub country: Option<Arc<str>>,
    /// Distinct customers who bought.
    pub buyers: u64,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Revenue per order.
    pub average_basket_cents: Option<i64>,
}

impl CustomerReport {
    /// The customer as readers see him.
    #[must_use]
    pub fn new(row: &CustomerRow) -> Self {
        let profile = row.profile.as_deref();
        Self {
            customer_id: row.customer_id.clone(),
            known: profile.is_some(),
            name: profile.and_then(|profile| profile.name.clone()),
            email: profile.and_then(|profile| profile.email.clone()),
            signup_date: profile.and_then(|profile| profile.signup_date),
            country: row.country.clone(),
            orders: row.orders,
            revenue_cents: row.revenue_cents,
            average_cents: mean_half_even(row.revenue_cents, row.orders),
            first_purchase: row.first_purchase,
            last_purchase: row.last_purchase,
        }
    }
}

impl ProductReport {
    /// The product as readers see it.
    #[must_use]
    pub fn new(product: &Arc<str>, of: &ProductSales) -> Self {
        let Sales { orders, revenue_cents } = of.sales;
        Self {
            product: Arc::clone(product),
            orders,
            revenue_cents,
            average_cents: mean_half_even(revenue_cents, orders),
            min_cents: of.min_cents,
            max_cents: of.max_cents,
        }
    }
}

impl MonthReport {
    /// The month as readers see it.
    #[must_use]
    pub fn new(month: Month, of: &CustomerSales) -> Self {
        let Sales { orders, revenue_cents } = of.sales;
        let average_basket_cents = mean_half_even(revenue_cents, orders);
        Self { month, orders, revenue_cents, average_basket_cents, customers: of.customers }
    }
}

impl DayReport {
    /// The day as readers see it.
    #[must_use]
    pub fn new(day: Day, of: &Sales) -> Self {
        Self { day, orders: of.orders, revenue_cents: of.revenue_cents }
    }
}

impl HourReport {
    /// The hour as readers see it.
    #[must_use]
    pub fn new(hour: Hour, of: &Sales) -> Self {
        Self { hour, orders: of.orders, revenue_cents: of.revenue_cents }
    }
}

impl CountryReport {
    /// The country as readers see it.
    #[must_use]
    pub fn new(country: Option<&Arc<str>>, of: &CustomerSales) -> Self {
        let Sales { orders, revenue_cents } = of.sales;
        Self {
            country: country.map(Arc::clone),
            buyers: of.customers,
            orders,
            revenue_cents,
            average_basket_cents: mean_half_even(revenue_cents, orders),
        }
    }
}

impl Summary {
    /// The totals of the merged tables.
    #[must_use]
    pub fn new(tables: &MergedTables, known_customers: u64) -> Self {
        let CustomerSales { customers: buyers, sales } = tables.total;
        let unknown = u64::from(tables.countries.contains_key(&None));
        Self {
            customers: known_customers,
            buyers,
            products: tables.products.len() as u64,
            countries: tables.countries.len() as u64 - unknown,
            orders: sales.orders,
            revenue_cents: sales.revenue_cents,
            average_basket_cents: mean_half_even(sales.revenue_cents, sales.orders),
            average_customer_value_cents: mean_half_even(sales.revenue_cents, known_customers),
        }
    }
}

impl Gold {
    /// The whole gold of the merged tables.
    #[must_use]
    pub fn new(tables: &MergedTables, accounting: Accounting, known_customers: u64) -> Self {
        Self::without_customers(tables, accounting, known_customers)
            .with_customers(tables.customers().map(|row| &**row))
    }

    /// All but the customers, who are many: readers that share the tables take them apart.
    #[must_use]
    pub fn without_customers(
        tables: &MergedTables,
        accounting: Accounting,
        known_customers: u64,
    ) -> Self {
        Self {
            accounting,
            summary: Summary::new(tables, known_customers),
            customers: Vec::new(),
            products: tables.products.iter().map(|(key, of)| ProductReport::new(key, of)).collect(),
            months: tables.months.iter().map(|(key, of)| MonthReport::new(*key, of)).collect(),
            days: tables.days.iter().map(|(day, of)| DayReport::new(*day, of)).collect(),
            countries: country_reports(tables),
            hours: tables.hours.iter().map(|(hour, of)| HourReport::new(*hour, of)).collect(),
        }
    }

    /// Whether it has hours: what a version before there were any has folded has none.
    #[must_use]
    pub fn knows_hours(&self) -> bool {
        !self.hours.is_empty() || self.days.is_empty()
    }

    /// With these customers, in any order.
    #[must_use]
    pub fn with_customers<'a>(mut self, rows: impl Iterator<Item = &'a CustomerRow>) -> Self {
        self.customers = rows.map(CustomerReport::new).collect();
        self.customers.sort_unstable_by(|a, b| a.customer_id.cmp(&b.customer_id));
        self
    }
}

/// The countries in the byte order of their names, the unknown one last.
#[must_use]
pub fn country_reports(tables: &MergedTables) -> Vec<CountryReport> {
    let named = tables.countries.iter().filter(|(country, _)| country.is_some());
    let unknown = tables.countries.iter().filter(|(country, _)| country.is_none());
    named.chain(unknown).map(|(key, of)| CountryReport::new(key.as_ref(), of)).collect()
}
