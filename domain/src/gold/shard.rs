//! The gold fold: one silver event at a time into the tables of one shard.
//!
//! A customer changes country or arrives after his purchases: what he bought moves with him.
//! Nothing here depends on how events are batched.

use super::rows::{
    CountryRow, CustomerRow, DayRow, HourRow, MonthRow, PlacedRow, ProductRow, Profile, Row,
    RowChange,
};
use super::table::Rows;
use crate::clean::{Customer, Purchase};
use crate::moment::{Day, Hour, Month};
use crate::money::SUM_CENTS_MAX;
use crate::planted::{self, Bug};
use crate::silver::SilverEvent;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::sync::Arc;

/// What a gold shard counts beside its tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldCounts {
    /// Purchases that gold holds.
    pub accepted_purchases: u64,
    /// Valid customer rows.
    pub customer_versions: u64,
    /// Those of them that changed nothing.
    pub unchanged_customers: u64,
    /// Customers with a profile.
    pub known_customers: u64,
    /// Places given to countries, those of deleted ones included: the place of the next one follows from
    /// it, and so from the events alone.
    #[serde(default)]
    pub country_places: u64,
}

/// The shard's revenue would leave the range in which every JSON reader is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("revenue would pass 2^53 cents: sums beyond it are not exact everywhere, so none is shown")]
pub struct SumOverflow;

/// The tables of one shard.
#[derive(Debug)]
pub struct GoldShard {
    counts: GoldCounts,
    revenue_cents: i64,
    customers: Rows<CustomerRow>,
    products: Rows<ProductRow>,
    months: Rows<MonthRow>,
    days: Rows<DayRow>,
    countries: Rows<CountryRow>,
    hours: Rows<HourRow>,
}

impl Default for GoldShard {
    fn default() -> Self {
        Self {
            counts: GoldCounts::default(),
            revenue_cents: 0,
            customers: Rows::new(),
            products: Rows::new(),
            months: Rows::new(),
            days: Rows::new(),
            countries: Rows::new(),
            hours: Rows::new(),
        }
    }
}

impl GoldShard {
    /// The shard as it was stored.
    #[must_use]
    pub fn restore(counts: GoldCounts, rows: Vec<PlacedRow>) -> Self {
        let mut shard = Self { counts, ..Self::default() };
        for PlacedRow { slot, row } in rows {
            match row {
                Row::Customer(row) => shard.customers.restore(slot, Arc::unwrap_or_clone(row)),
                Row::Product(row) => shard.products.restore(slot, row),
                Row::Month(row) => shard.months.restore(slot, row),
                Row::Day(row) => shard.days.restore(slot, row),
                Row::Country(row) => shard.countries.restore(slot, row),
                Row::Hour(row) => shard.hours.restore(slot, row),
            }
        }
        if !planted::is(Bug::SlotsOfHistory) {
            shard.countries.restore_places(shard.counts.country_places);
        }
        shard.revenue_cents = shard.days.iter().map(|day| day.revenue_cents).sum();
        shard
    }

    /// What it counts beside its tables.
    #[must_use]
    pub fn counts(&self) -> GoldCounts {
        GoldCounts { country_places: self.countries.places(), ..self.counts.clone() }
    }

    /// Takes one event into the tables.
    ///
    /// # Errors
    /// [`SumOverflow`]; the event is then not applied.
    pub fn apply(&mut self, event: &SilverEvent<'_>) -> Result<(), SumOverflow> {
        match event {
            SilverEvent::Purchase(purchase) => self.apply_purchase(purchase),
            SilverEvent::Customer(customer) => {
                self.apply_customer(customer);
                Ok(())
            }
        }
    }

    /// The country under which this customer's purchases stand now.
    #[must_use]
    pub fn country_of(&self, customer_id: &str) -> Option<Arc<str>> {
        self.customers.find(customer_id).and_then(|customer| customer.country.clone())
    }

    /// What changed since the last call: whole new rows, each once.
    #[must_use]
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let mut changes = Vec::new();
        self.customers.take_changes(&mut changes);
        self.products.take_changes(&mut changes);
        self.months.take_changes(&mut changes);
        self.days.take_changes(&mut changes);
        self.countries.take_changes(&mut changes);
        self.hours.take_changes(&mut changes);
        changes
    }

    fn customer_slot(&mut self, customer_id: &str) -> u32 {
        self.customers.find_or_insert(customer_id, || CustomerRow {
            customer_id: customer_id.into(),
            profile: None,
            country: None,
            orders: 0,
            revenue_cents: 0,
            first_purchase: None,
            last_purchase: None,
            months: SmallVec::new(),
        })
    }

    fn apply_purchase(&mut self, purchase: &Purchase<'_>) -> Result<(), SumOverflow> {
        let revenue_cents = self.revenue_cents + purchase.amount_cents;
        if revenue_cents >= SUM_CENTS_MAX {
            return Err(SumOverflow);
        }
        self.revenue_cents = revenue_cents;
        self.counts.accepted_purchases += 1;
        let mut hour = purchase.purchased_at.hour();
        let day = purchase.purchased_at.day();
        let month = day.month();
        let slot = self.customer_slot(purchase.customer_id);
        if let Some(customer) = self.customers.change(slot) {
            let first_of_customer = u64::from(customer.orders == 0);
            let first_of_month = u64::from(add_to_customer(customer, purchase, month));
            let sums =
                Sums { buyers: first_of_customer, orders: 1, revenue_cents: purchase.amount_cents };
            add_to_country(&mut self.countries, customer.country.as_ref(), sums);
            if let Some(latest) = customer.last_purchase
                && planted::is(Bug::HourOfAnotherMoment)
            {
                hour = latest.hour();
            }
            self.add_to_month(month, purchase.amount_cents, first_of_month);
        }
        self.add_to_day(day, purchase.amount_cents);
        self.add_to_hour(hour, purchase.amount_cents);
        self.add_to_product(purchase);
        Ok(())
    }

    fn apply_customer(&mut self, version: &Customer<'_>) {
        self.counts.customer_versions += 1;
        let slot = self.customer_slot(version.customer_id);
        let Some(current) = self.customers.get(slot) else { return };
        if is_same(current, version) {
            self.counts.unchanged_customers += 1;
            return;
        }
        self.counts.known_customers += u64::from(current.profile.is_none());
        let was_unknown = current.profile.is_none();
        let left = current.country.clone();
        let moved = Sums {
            buyers: u64::from(current.orders > 0),
            orders: current.orders,
            revenue_cents: current.revenue_cents,
        };
        let country: Option<Arc<str>> = version.country.map(|country| self.shared_country(country));
        let profile = Arc::new(Profile {
            name: version.name.map(Arc::from),
            email: version.email.as_deref().map(Arc::from),
            signup_date: version.signup_date,
        });
        if let Some(customer) = self.customers.change(slot) {
            customer.profile = Some(profile);
            customer.country.clone_from(&country);
        }
        if was_unknown && planted::is(Bug::PurchasesLeftBehind) {
            return;
        }
        if left != country && moved.orders > 0 {
            if !planted::is(Bug::RetractionForgotten) {
                add_to_country(&mut self.countries, left.as_ref(), moved.negated());
            }
            add_to_country(&mut self.countries, country.as_ref(), moved);
        }
    }

    /// The country's text, shared with its row where it has one.
    fn shared_country(&self, country: &str) -> Arc<str> {
        self.countries
            .find(Some(country))
            .and_then(|row| row.country.clone())
            .unwrap_or_else(|| Arc::from(country))
    }

    fn add_to_month(&mut self, month: Month, amount_cents: i64, customers: u64) {
        let slot = self.months.find_or_insert(month, || MonthRow {
            month,
            orders: 0,
            revenue_cents: 0,
            customers: 0,
        });
        let Some(row) = self.months.change(slot) else { return };
        row.orders += 1;
        row.revenue_cents += amount_cents;
        row.customers += customers;
    }

    fn add_to_day(&mut self, day: Day, amount_cents: i64) {
        let slot = self.days.find_or_insert(day, || DayRow { day, orders: 0, revenue_cents: 0 });
        let Some(row) = self.days.change(slot) else { return };
        row.orders += 1;
        row.revenue_cents += amount_cents;
    }

    fn add_to_hour(&mut self, hour: Hour, amount_cents: i64) {
        let make = || HourRow { hour, orders: 0, revenue_cents: 0 };
        let slot = self.hours.find_or_insert(hour, make);
        let Some(row) = self.hours.change(slot) else { return };
        row.orders += 1;
        row.revenue_cents += amount_cents;
    }

    fn add_to_product(&mut self, purchase: &Purchase<'_>) {
        let amount_cents = purchase.amount_cents;
        let slot = self.products.find_or_insert(purchase.product, || ProductRow {
            product: Arc::from(purchase.product),
            orders: 0,
            revenue_cents: 0,
            min_cents: amount_cents,
            max_cents: amount_cents,
        });
        let Some(row) = self.products.change(slot) else { return };
        row.orders += 1;
        row.revenue_cents += amount_cents;
        row.min_cents = row.min_cents.min(amount_cents);
        row.max_cents = row.max_cents.max(amount_cents);
    }
}

/// What a customer brings to his country. Negated when he leaves it: two's complement, so that
/// adding it to a count that contains it never wraps.
#[derive(Clone, Copy)]
struct Sums {
    buyers: u64,
    orders: u64,
    revenue_cents: i64,
}

impl Sums {
    const fn negated(self) -> Self {
        Self {
            buyers: self.buyers.wrapping_neg(),
            orders: self.orders.wrapping_neg(),
            revenue_cents: -self.revenue_cents,
        }
    }
}

fn add_to_country(countries: &mut Rows<CountryRow>, country: Option<&Arc<str>>, sums: Sums) {
    let slot = countries.find_or_insert(country.map(|country| &**country), || CountryRow {
        country: country.map(Arc::clone),
        buyers: 0,
        orders: 0,
        revenue_cents: 0,
    });
    let Some(row) = countries.change(slot) else { return };
    row.buyers = row.buyers.wrapping_add(sums.buyers);
    row.orders = row.orders.wrapping_add(sums.orders);
    row.revenue_cents += sums.revenue_cents;
    countries.settle(slot);
}

/// Returns whether this is his first purchase of the month.
fn add_to_customer(customer: &mut CustomerRow, purchase: &Purchase<'_>, month: Month) -> bool {
    let at = purchase.purchased_at;
    customer.orders += 1;
    customer.revenue_cents += purchase.amount_cents;
    customer.first_purchase = Some(customer.first_purchase.map_or(at, |first| first.min(at)));
    customer.last_purchase = Some(customer.last_purchase.map_or(at, |last| last.max(at)));
    match customer.months.binary_search(&month) {
        Ok(_) => false,
        Err(place) => {
            customer.months.insert(place, month);
            true
        }
    }
}

fn is_same(customer: &CustomerRow, version: &Customer<'_>) -> bool {
    customer.profile.as_deref().is_some_and(|profile| {
        profile.name.as_deref() == version.name
            && profile.email.as_deref() == version.email.as_deref()
            && profile.signup_date == version.signup_date
            && customer.country.as_deref() == version.country
    })
}
