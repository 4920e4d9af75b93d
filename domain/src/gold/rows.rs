//! The rows of one shard's gold tables and the changes to them.
//!
//! These are stored parts: sums and counts of one shard. Averages are derived when read, in
//! [`crate::gold::report`]. Stores keep them as serde writes them, in a form of their choice.

use crate::moment::{Day, Hour, Moment, Month};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// A customer's id. Short ones lie in the row itself: finding a customer is most of an event's cost.
pub type CustomerId = SmolStr;

/// What is known of a customer from his own rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Null where it was empty.
    pub name: Option<Arc<str>>,
    /// Lower case; null where it was empty.
    pub email: Option<Arc<str>>,
    /// Null where it was missing or no date.
    pub signup_date: Option<Day>,
}

/// One customer, known or met only by his purchases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// The key.
    pub customer_id: CustomerId,
    /// His latest version; none where only purchases name him.
    pub profile: Option<Arc<Profile>>,
    /// The country of his latest version; null where it was empty or he is not known. It lies in
    /// the row, because every purchase needs it.
    pub country: Option<Arc<str>>,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Earliest purchase.
    pub first_purchase: Option<Moment>,
    /// Latest purchase.
    pub last_purchase: Option<Moment>,
    /// Months in which he bought, ascending: what distinct buyers a month follow from.
    pub months: SmallVec<[Month; 12]>,
}

/// One product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRow {
    /// The key.
    pub product: Arc<str>,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Smallest amount.
    pub min_cents: i64,
    /// Largest amount.
    pub max_cents: i64,
}

/// One month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthRow {
    /// The key.
    pub month: Month,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
    /// Distinct customers who bought.
    pub customers: u64,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// The key.
    pub day: Day,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

/// One country, or the unknown one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryRow {
    /// The key; null for customers whose country is not known.
    pub country: Option<Arc<str>>,
    /// Distinct customers who bought.
    pub buyers: u64,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

/// One hour of the shop's wall clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRow {
    /// The key.
    pub hour: Hour,
    /// Accepted purchases.
    pub orders: u64,
    /// Their sum.
    pub revenue_cents: i64,
}

/// A gold table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// [`CustomerRow`]
    Customers,
    /// [`ProductRow`]
    Products,
    /// [`MonthRow`]
    Months,
    /// [`DayRow`]
    Days,
    /// [`CountryRow`]
    Countries,
    /// [`HourRow`]
    Hours,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 6] =
        [Self::Customers, Self::Products, Self::Months, Self::Days, Self::Countries, Self::Hours];

    /// The number by which stored forms know it. It never changes, and that of a table that is gone is not given again.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Customers => 0,
            Self::Products => 1,
            Self::Months => 2,
            Self::Days => 3,
            Self::Countries => 4,
            Self::Hours => 5,
        }
    }

    /// The table of that number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.number() == number)
    }

    /// The name used in keys, routes and commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Products => "products",
            Self::Months => "months",
            Self::Days => "days",
            Self::Countries => "countries",
            Self::Hours => "hours",
        }
    }
}

/// A row of any table. Cheap to clone: text and customers are shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Row {
    /// Of the customers table.
    Customer(Arc<CustomerRow>),
    /// Of the products table.
    Product(ProductRow),
    /// Of the months table.
    Month(MonthRow),
    /// Of the days table.
    Day(DayRow),
    /// Of the countries table.
    Country(CountryRow),
    /// Of the hours table.
    Hour(HourRow),
}

impl Row {
    /// The table it belongs to.
    #[must_use]
    pub const fn table(&self) -> Table {
        match self {
            Self::Customer(_) => Table::Customers,
            Self::Product(_) => Table::Products,
            Self::Month(_) => Table::Months,
            Self::Day(_) => Table::Days,
            Self::Country(_) => Table::Countries,
            Self::Hour(_) => Table::Hours,
        }
    }
}

/// One row's new value. A slot is the row's place in its shard's table: it never changes while
/// the row exists, so stores can keep rows in chunks and readers need no look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// The place.
    pub slot: u32,
    /// The whole new row; where it is deleted, the row that counted nothing any more, for its key.
    pub row: Row,
    /// Whether it stands.
    pub fate: RowFate,
}

/// What a change leaves in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// The row stands.
    Stands,
    /// There is no such row any more.
    Deleted,
}

impl RowChange {
    /// The row that stands after the change.
    #[must_use]
    pub fn standing(&self) -> Option<&Row> {
        match self.fate {
            RowFate::Stands => Some(&self.row),
            RowFate::Deleted => None,
        }
    }
}

/// A stored row with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedRow {
    /// The place.
    pub slot: u32,
    /// The row.
    pub row: Row,
}
