//! How the rows of each table are found, and when they count nothing any more.

use super::rows::{CountryRow, CustomerRow, DayRow, HourRow, MonthRow, ProductRow, Row};
use super::table::Keyed;
use crate::moment::{Day, Hour, Month};
use std::sync::Arc;

impl Keyed for CustomerRow {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        &self.customer_id
    }
    fn has_key(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
    fn is_empty(&self) -> bool {
        self.profile.is_none() && self.orders == 0
    }
    fn to_row(&self) -> Row {
        Row::Customer(Arc::new(self.clone()))
    }
}

impl Keyed for ProductRow {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        &self.product
    }
    fn has_key(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
    fn is_empty(&self) -> bool {
        self.orders == 0
    }
    fn to_row(&self) -> Row {
        Row::Product(self.clone())
    }
}

impl Keyed for MonthRow {
    type Key<'a> = Month;
    fn key(&self) -> Month {
        self.month
    }
    fn has_key(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
    fn is_empty(&self) -> bool {
        self.orders == 0
    }
    fn to_row(&self) -> Row {
        Row::Month(self.clone())
    }
}

impl Keyed for DayRow {
    type Key<'a> = Day;
    fn key(&self) -> Day {
        self.day
    }
    fn has_key(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
    fn is_empty(&self) -> bool {
        self.orders == 0
    }
    fn to_row(&self) -> Row {
        Row::Day(self.clone())
    }
}

impl Keyed for HourRow {
    type Key<'a> = Hour;
    fn key(&self) -> Hour {
        self.hour
    }
    fn has_key(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
    fn is_empty(&self) -> bool {
        self.orders == 0
    }
    fn to_row(&self) -> Row {
        Row::Hour(self.clone())
    }
}

impl Keyed for CountryRow {
    type Key<'a> = Option<&'a str>;
    fn key(&self) -> Option<&str> {
        self.country.as_deref()
    }
    fn has_key(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
    fn is_empty(&self) -> bool {
        self.orders == 0
    }
    fn to_row(&self) -> Row {
        Row::Country(self.clone())
    }
}
