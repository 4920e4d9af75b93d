//! The history: purchases in the order of time, drawn day by day so that any number fits in memory.

use super::calendar;
use super::catalogue::PRODUCTS;
use super::random::{Random, Use, Weights};
use super::shop::Shop;
use goldstream_domain::moment::{Day, Moment};

const DAY_SECONDS: i64 = 86_400;

/// One purchase, by numbers.
pub(super) struct Sale {
    /// From 1, in the order of time.
    pub(super) number: u64,
    /// The customer's number.
    pub(super) customer: u64,
    pub(super) purchased_at: Moment,
    pub(super) amount_cents: u64,
    pub(super) product: &'static str,
}

/// All purchases of a shop's period.
pub(super) struct Purchases<'a> {
    shop: &'a Shop,
    random: Random,
    hours: Weights,
    /// How many purchases each day has.
    day_counts: std::vec::IntoIter<u64>,
    next_day: Day,
    /// The day being drawn, and how many can buy on it.
    day: Day,
    customers: usize,
    /// The day's moments still to come, the last first.
    seconds: Vec<u32>,
    number: u64,
}

impl<'a> Purchases<'a> {
    pub(super) fn new(shop: &'a Shop) -> Self {
        let mut random = Random::new(shop.plan.seed, Use::Purchases);
        let first = shop.plan.first_day();
        let days = calendar::days(first, shop.plan.last_day);
        let mut day_counts = vec![0; days.len()];
        if !shop.customers.is_empty() {
            for _ in 0..shop.plan.purchases {
                day_counts[days.pick(&mut random)] += 1;
            }
        }
        Self {
            shop,
            random,
            hours: calendar::hours(),
            day_counts: day_counts.into_iter(),
            next_day: first,
            day: first,
            customers: 0,
            seconds: Vec::new(),
            number: 0,
        }
    }

    /// Draws the moments of the next day; `None` after the last.
    fn begin_day(&mut self) -> Option<()> {
        let count = self.day_counts.next()?;
        self.day = self.next_day;
        self.next_day = Day(self.day.0 + 1);
        self.customers = self.shop.customers_on(self.day);
        for _ in 0..count {
            self.seconds.push(calendar::second_of_day(&self.hours, &mut self.random));
        }
        self.seconds.sort_unstable_by_key(|second| std::cmp::Reverse(*second));
        Some(())
    }
}

impl Iterator for Purchases<'_> {
    type Item = Sale;

    fn next(&mut self) -> Option<Sale> {
        let second = loop {
            if let Some(second) = self.seconds.pop() {
                break second;
            }
            self.begin_day()?;
        };
        self.number += 1;
        let purchased_at = Moment(i64::from(self.day.0) * DAY_SECONDS + i64::from(second));
        Some(self.shop.sale(self.number, self.customers, purchased_at, &mut self.random))
    }
}

impl Shop {
    /// What one of the first `customers` buys at that moment.
    pub(super) fn sale(
        &self,
        number: u64,
        customers: usize,
        purchased_at: Moment,
        random: &mut Random,
    ) -> Sale {
        let customer = self.appetites.pick_among(customers, random);
        let country = self.customers.get(customer).map_or(0, |customer| customer.country);
        let product = &PRODUCTS[self.tastes.product(country as usize, random)];
        Sale {
            number,
            customer: customer as u64 + 1,
            purchased_at,
            amount_cents: product.price_cents(random),
            product: product.name,
        }
    }
}
