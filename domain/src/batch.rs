//! The batch: the whole gold of given bronze rows, computed in the plain way.
//!
//! It is the reference that the stream is held against, so it shares the rules for single rows
//! with it and nothing else: no fold, no tables, no retraction.

use crate::bronze::BronzeRow;
use crate::clean::{Purchase, Route, Rules, clean_customer, clean_purchase, unify};
use crate::column::Kind;
use crate::gold::report::{
    Accounting, CountryReport, CustomerReport, DayReport, Gold, HourReport, MonthReport,
    ProductReport, Summary,
};
use crate::gold::rows::CustomerId;
use crate::moment::{Day, Moment, Month};
use crate::money::mean_half_even;
use crate::partition::partition_of;
use crate::progress::{BronzePartition, GoldHead};
use crate::reason::Reason;
use crate::record::Headers;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Which rows belong to the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// All of them.
    Everything,
    /// Those that a live gold has counted at one of its versions.
    At {
        /// Per bronze partition: how many records its silver shard has taken in.
        silver: BTreeMap<BronzePartition, u64>,
        /// Per gold shard and bronze partition: how far what was sent there has been taken in.
        gold: Vec<BTreeMap<BronzePartition, u64>>,
    },
}

impl Cut {
    /// What shards have counted that stand here: positions of the silver ones, heads of the gold ones.
    #[must_use]
    pub fn of_shards<'a>(
        silver: impl IntoIterator<Item = (BronzePartition, u64)>,
        gold: impl IntoIterator<Item = &'a GoldHead>,
    ) -> Self {
        let silver: BTreeMap<_, _> = silver.into_iter().collect();
        let mark = |head: &GoldHead, at: &BronzePartition| (*at, head.chain.hwm(&at.source_id()));
        let marks = |head| silver.keys().map(|at| mark(head, at)).collect();
        let gold = gold.into_iter().map(marks).collect();
        Self::At { silver, gold }
    }

    /// Whether the fate that the silver stage gave to this record is counted.
    fn holds_silver(&self, bronze: BronzePartition, offset: u64) -> bool {
        match self {
            Self::Everything => true,
            Self::At { silver, .. } => silver.get(&bronze).is_some_and(|end| offset < *end),
        }
    }

    /// Whether the gold shard of `customer_id` has counted this record.
    fn holds_gold(&self, bronze: BronzePartition, offset: u64, customer_id: &str) -> bool {
        let Self::At { gold, .. } = self else { return true };
        let shard = partition_of(customer_id.as_bytes(), gold.len() as u32) as usize;
        gold.get(shard).and_then(|marks| marks.get(&bronze)).is_some_and(|mark| offset < *mark)
    }
}

/// Collects rows and answers once.
#[derive(Debug)]
pub struct Batch {
    partitions: u32,
    rules: Rules,
    cut: Cut,
    accounting: Accounting,
    customers: BTreeMap<CustomerId, Bought>,
    products: BTreeMap<Arc<str>, Amounts>,
    days: BTreeMap<Day, Total>,
    /// By day and hour of the day.
    hours: BTreeMap<(Day, u32), Total>,
    /// The bronze partition being read, what was read of it by source, and the ids taken in it.
    reading: Option<BronzePartition>,
    sources: BTreeMap<Arc<str>, u64>,
    taken: HashMap<u128, u128>,
}

/// A customer: what his rows say, and what he bought.
#[derive(Debug, Default)]
struct Bought {
    profile: Option<Version>,
    moments: Option<(Moment, Moment)>,
    months: BTreeSet<Month>,
    total: Total,
}

#[derive(Debug, PartialEq, Eq)]
struct Version {
    name: Option<Arc<str>>,
    email: Option<Arc<str>>,
    signup_date: Option<Day>,
    country: Option<Arc<str>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Total {
    orders: u64,
    revenue_cents: i64,
}

impl Total {
    fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.revenue_cents += other.revenue_cents;
    }

    fn average(self) -> Option<i64> {
        mean_half_even(self.revenue_cents, self.orders)
    }
}

#[derive(Debug)]
struct Amounts {
    total: Total,
    min_cents: i64,
    max_cents: i64,
}

impl Batch {
    /// A batch over a bronze log of that many partitions.
    #[must_use]
    pub fn new(partitions: u32, rules: Rules, cut: Cut) -> Self {
        Self {
            partitions,
            rules,
            cut,
            accounting: Accounting::default(),
            customers: BTreeMap::new(),
            products: BTreeMap::new(),
            days: BTreeMap::new(),
            hours: BTreeMap::new(),
            reading: None,
            sources: BTreeMap::new(),
            taken: HashMap::new(),
        }
    }

    /// Takes one bronze record. Partitions come one after another, each in its order.
    pub fn add(
        &mut self,
        bronze: BronzePartition,
        offset: u64,
        headers: Headers<'_>,
        row: &BronzeRow<'_>,
    ) {
        if self.reading.replace(bronze) != Some(bronze) {
            self.sources.clear();
            self.taken.clear();
        }
        if let Some(origin) = headers.origin {
            // A file's row that stands twice is one row; one that is out of its order stands again later.
            let read = self.sources.entry(Arc::clone(origin.source_id)).or_default();
            if origin.prev != *read {
                return;
            }
            *read = origin.origin;
        }
        let reason = match bronze.kind {
            Kind::Customers => self.add_customer(bronze, offset, headers, row),
            Kind::Purchases => self.add_purchase(bronze, offset, headers, row),
        };
        if let Some(reason) = reason
            && self.cut.holds_silver(bronze, offset)
        {
            *self.accounting.quarantined.entry(reason.account(bronze.kind)).or_default() += 1;
        }
    }

    fn route(&self, bronze: BronzePartition, headers: Headers<'_>) -> Route {
        Route {
            partition: bronze.partition,
            partitions: self.partitions,
            ingested_at_ms: headers.ingested_at_ms,
            rules: self.rules,
        }
    }

    fn add_customer(
        &mut self,
        bronze: BronzePartition,
        offset: u64,
        headers: Headers<'_>,
        row: &BronzeRow<'_>,
    ) -> Option<Reason> {
        let Ok(mut fields) = row.fields(bronze.kind) else { return Some(Reason::Malformed) };
        unify(bronze.kind, &mut fields);
        let customer = match clean_customer(&fields, self.route(bronze, headers)) {
            Ok(customer) => customer,
            Err(rejection) => return Some(rejection.reason),
        };
        if !self.cut.holds_gold(bronze, offset, customer.customer_id) {
            return None;
        }
        let version = Version {
            name: customer.name.map(Arc::from),
            email: customer.email.as_deref().map(Arc::from),
            signup_date: customer.signup_date,
            country: customer.country.map(Arc::from),
        };
        self.accounting.customer_versions += 1;
        let known = &mut self.customers.entry(customer.customer_id.into()).or_default().profile;
        if known.as_ref() == Some(&version) {
            self.accounting.unchanged_customers += 1;
        }
        *known = Some(version);
        None
    }

    fn add_purchase(
        &mut self,
        bronze: BronzePartition,
        offset: u64,
        headers: Headers<'_>,
        row: &BronzeRow<'_>,
    ) -> Option<Reason> {
        let Ok(mut fields) = row.fields(bronze.kind) else { return Some(Reason::Malformed) };
        unify(bronze.kind, &mut fields);
        let purchase = match clean_purchase(&fields, self.route(bronze, headers)) {
            Ok(purchase) => purchase,
            Err(rejection) => return Some(rejection.reason),
        };
        let id = xxh3_128(purchase.purchase_id.as_bytes());
        let content = content_of(&purchase);
        match self.taken.get(&id) {
            None => {
                self.taken.insert(id, content);
            }
            Some(first) if *first == content => {
                if self.cut.holds_silver(bronze, offset) {
                    self.accounting.duplicate_purchases += 1;
                }
                return None;
            }
            Some(_) => return Some(Reason::ConflictingDuplicate),
        }
        if self.cut.holds_gold(bronze, offset, purchase.customer_id) {
            self.count(&purchase);
        }
        None
    }

    fn count(&mut self, purchase: &Purchase<'_>) {
        self.accounting.accepted_purchases += 1;
        let one = Total { orders: 1, revenue_cents: purchase.amount_cents };
        let at = purchase.purchased_at;
        let hour_of_day = (at.0 % 86_400 / 3_600) as u32;
        self.days.entry(at.day()).or_default().add(one);
        self.hours.entry((at.day(), hour_of_day)).or_default().add(one);
        let customer = self.customers.entry(purchase.customer_id.into()).or_default();
        customer.total.add(one);
        customer.months.insert(at.day().month());
        customer.moments = match customer.moments {
            None => Some((at, at)),
            Some((first, last)) => Some((first.min(at), last.max(at))),
        };
        let cents = purchase.amount_cents;
        let product = self.products.entry(purchase.product.into()).or_insert(Amounts {
            total: Total::default(),
            min_cents: cents,
            max_cents: cents,
        });
        product.total.add(one);
        product.min_cents = product.min_cents.min(cents);
        product.max_cents = product.max_cents.max(cents);
    }

    /// The whole gold of the rows added.
    #[must_use]
    pub fn finish(self) -> Gold {
        let countries = countries(&self.customers);
        Gold {
            summary: self.summary(&countries),
            months: months(&self.days, &self.customers),
            countries,
            days: self.days.iter().map(|(day, total)| day_report(*day, *total)).collect(),
            hours: self.hours.iter().map(|(hour, total)| hour_report(*hour, *total)).collect(),
            products: self.products.iter().map(|(key, of)| product_report(key, of)).collect(),
            customers: self.customers.iter().map(|(id, of)| customer_report(id, of)).collect(),
            accounting: self.accounting,
        }
    }

    fn summary(&self, countries: &[CountryReport]) -> Summary {
        let mut total = Total::default();
        self.days.values().for_each(|day| total.add(*day));
        let customers = self.customers.values().filter(|c| c.profile.is_some()).count() as u64;
        Summary {
            customers,
            buyers: self.customers.values().filter(|c| c.total.orders > 0).count() as u64,
            products: self.products.len() as u64,
            countries: countries.iter().filter(|c| c.country.is_some()).count() as u64,
            orders: total.orders,
            revenue_cents: total.revenue_cents,
            average_basket_cents: total.average(),
            average_customer_value_cents: mean_half_even(total.revenue_cents, customers),
        }
    }
}

fn content_of(purchase: &Purchase<'_>) -> u128 {
    let Purchase { customer_id, purchased_at, amount_cents, product, .. } = purchase;
    let len = customer_id.len();
    let at = purchased_at.0;
    xxh3_128(format!("{len} {customer_id} {at} {amount_cents} {product}").as_bytes())
}

fn countries(customers: &BTreeMap<CustomerId, Bought>) -> Vec<CountryReport> {
    // The first part of the key puts the unknown country last.
    type Country = (bool, Option<Arc<str>>);
    let mut totals: BTreeMap<Country, (u64, Total)> = BTreeMap::new();
    for customer in customers.values().filter(|customer| customer.total.orders > 0) {
        let country = customer.profile.as_ref().and_then(|profile| profile.country.clone());
        let (buyers, total) = totals.entry((country.is_none(), country)).or_default();
        *buyers += 1;
        total.add(customer.total);
    }
    let report = |((_, country), (buyers, total)): (_, (u64, Total))| CountryReport {
        country,
        buyers,
        orders: total.orders,
        revenue_cents: total.revenue_cents,
        average_basket_cents: total.average(),
    };
    totals.into_iter().map(report).collect()
}

fn months(
    days: &BTreeMap<Day, Total>,
    customers: &BTreeMap<CustomerId, Bought>,
) -> Vec<MonthReport> {
    let mut totals: BTreeMap<Month, (u64, Total)> = BTreeMap::new();
    for (day, total) in days {
        totals.entry(day.month()).or_default().1.add(*total);
    }
    for month in customers.values().flat_map(|customer| &customer.months) {
        totals.entry(*month).or_default().0 += 1;
    }
    let report = |(month, (customers, total)): (Month, (u64, Total))| MonthReport {
        month,
        orders: total.orders,
        revenue_cents: total.revenue_cents,
        average_basket_cents: total.average(),
        customers,
    };
    totals.into_iter().map(report).collect()
}

fn day_report(day: Day, total: Total) -> DayReport {
    DayReport { day, orders: total.orders, revenue_cents: total.revenue_cents }
}

fn hour_report((day, number): (Day, u32), total: Total) -> HourReport {
    let Total { orders, revenue_cents } = total;
    HourReport { hour: day.hour(number), orders, revenue_cents }
}

fn product_report(product: &Arc<str>, of: &Amounts) -> ProductReport {
    ProductReport {
        product: Arc::clone(product),
        orders: of.total.orders,
        revenue_cents: of.total.revenue_cents,
        average_cents: of.total.average(),
        min_cents: of.min_cents,
        max_cents: of.max_cents,
    }
}

fn customer_report(customer_id: &CustomerId, of: &Bought) -> CustomerReport {
    let profile = of.profile.as_ref();
    CustomerReport {
        customer_id: customer_id.clone(),
        known: profile.is_some(),
        name: profile.and_then(|profile| profile.name.clone()),
        email: profile.and_then(|profile| profile.email.clone()),
        signup_date: profile.and_then(|profile| profile.signup_date),
        country: profile.and_then(|profile| profile.country.clone()),
        orders: of.total.orders,
        revenue_cents: of.total.revenue_cents,
        average_cents: of.total.average(),
        first_purchase: of.moments.map(|(first, _)| first),
        last_purchase: of.moments.map(|(_, last)| last),
    }
}
