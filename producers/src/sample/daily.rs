//! A shop that never closes: what happens in it on a day follows from its first day and from that day,
//! whenever and however often it is asked for.
//! Must not read a clock: it is told which day is wanted.

use super::calendar;
use super::catalogue::COUNTRIES;
use super::dirt::Dirt;
use super::files::{CsvWriter, Euros, Fields, fill_purchase};
use super::plan::Plan;
use super::random::{Random, Use, Weights};
use super::shop::Shop;
use goldstream_domain::column::Kind;
use goldstream_domain::moment::{Day, Moment};
use std::io;

const SEED: u64 = 42;
/// How many customers it had before its first day.
const OLD_CUSTOMERS: u32 = 24_000;
/// How many days before its first day the first of them signed up.
const OLD_DAYS: u32 = 3 * 365;
/// How few and how many sign up on a day.
const SIGNUPS: (u64, u64) = (20, 44);
const DAY_SECONDS: i64 = 86_400;
/// Room for the sales of a day in their number.
const NUMBERS_A_DAY: u64 = 100_000;

/// The shop, with the customers of all days before one.
#[derive(Debug, Clone)]
pub struct DailyShop {
    shop: Shop,
    first: Day,
    /// The day whose customers are not in it yet.
    next: Day,
    countries: Weights,
    hours: Weights,
    fields: Fields,
}

/// One day's rows, in the order in which they come.
#[derive(Debug, Default)]
pub struct Page {
    /// Lines of CSV.
    pub bytes: Vec<u8>,
    /// What happens, and up to where it is told.
    pub events: Vec<Event>,
}

/// Something that happens: one row, or some where it is dirty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// Where its last line ends.
    pub end_bytes: usize,
    /// How many rows of the page that makes.
    pub end_rows: u64,
}

/// A purchase as the columns of a file tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePurchase {
    /// The number of a customer of the shop.
    pub customer_id: String,
    /// The moment that was given.
    pub purchased_at: Moment,
    /// Euros with two digits behind a point.
    pub amount: String,
    /// The name of a product.
    pub product: &'static str,
}

impl DailyShop {
    /// The shop on its first day.
    #[must_use]
    pub fn new(first: Day) -> Self {
        let countries = Weights::new(COUNTRIES.iter().map(|country| country.share));
        let shop = Shop::without_customers(Plan { customers: 0, seed: SEED, ..Plan::default() });
        let fields = Fields::default();
        let hours = calendar::watched_hours();
        let mut daily = Self { shop, first, next: first, countries, hours, fields };
        let mut random = Random::new(SEED, Use::Customers);
        for number in 0..OLD_CUSTOMERS {
            let before = OLD_DAYS - OLD_DAYS * number / OLD_CUSTOMERS;
            let signup = Day(first.0.saturating_sub(before));
            daily.shop.admit(signup, &daily.countries, &mut random);
        }
        daily
    }

    /// The day from which on there are sales.
    #[must_use]
    pub fn first_day(&self) -> Day {
        self.first
    }

    /// The rows of a kind of a day. Days are asked for in their order, the first day with its old
    /// customers.
    ///
    /// # Errors
    /// Never in practice: the rows are made in memory.
    pub fn page(&mut self, kind: Kind, day: Day) -> io::Result<Page> {
        match kind {
            Kind::Customers => self.customers(day),
            Kind::Purchases => self.purchases(day),
        }
    }

    /// What one of its customers buys at that moment, beside what the day has anyway.
    pub fn extra_sale(&mut self, at: Moment, seed: u64) -> SamplePurchase {
        self.admit_before(at.day());
        let mut random = Random::new(seed, Use::Rush);
        let sale = self.shop.sale(0, self.shop.customers.len(), at, &mut random);
        SamplePurchase {
            customer_id: sale.customer.to_string(),
            purchased_at: at,
            amount: Euros { cents: sale.amount_cents }.to_string(),
            product: sale.product,
        }
    }

    fn customers(&mut self, day: Day) -> io::Result<Page> {
        self.admit_before(day);
        let known = if day <= self.first { 0 } else { self.shop.customers.len() };
        let old = self.shop.customers.len() - known;
        let seconds = self.admit(day);
        let mut page = Page::default();
        let mut csv = CsvWriter::under_header(&mut page.bytes);
        let seconds = std::iter::repeat_n(0, old).chain(seconds);
        for ((index, customer), second) in
            self.shop.customers.iter().enumerate().skip(known).zip(seconds)
        {
            customer.fill(index as u32 + 1, &mut self.fields).map_err(io::Error::other)?;
            csv.row(&self.fields)?;
            page.events.push(event(moment(day, second), &csv));
        }
        csv.finish()?;
        Ok(page)
    }

    fn purchases(&mut self, day: Day) -> io::Result<Page> {
        self.admit_before(day);
        let mut random = Random::of_day(SEED, Use::DailyPurchases, day);
        let count = calendar::sales_on(self.first, day, &mut random);
        let seconds = calendar::spread(&self.hours, count, &mut random);
        let mut dirt = Dirt::of_day(SEED, day);
        let mut page = Page::default();
        let mut csv = CsvWriter::under_header(&mut page.bytes);
        let (year, month, of_month) = day.to_civil();
        let date = u64::from(year * 10_000 + month * 100 + of_month);
        let customers = self.shop.customers.len();
        let mut last = moment(day, 0);
        for (number, second) in (date * NUMBERS_A_DAY + 1..).zip(seconds) {
            last = moment(day, second);
            let sale = self.shop.sale(number, customers, last, &mut random);
            fill_purchase(&sale, &mut self.fields).map_err(io::Error::other)?;
            dirt.write(&self.fields, &mut csv)?;
            page.events.push(event(last, &csv));
        }
        dirt.finish(&mut csv)?;
        page.events.push(event(last, &csv));
        csv.finish()?;
        Ok(page)
    }

    /// Those who sign up before a day are its customers: nobody buys on the day on which he does.
    fn admit_before(&mut self, day: Day) {
        while self.next < day {
            self.admit(self.next);
        }
    }

    /// Admits those who sign up on a day; gives the seconds at which they do.
    fn admit(&mut self, day: Day) -> Vec<u32> {
        let mut random = Random::of_day(SEED, Use::DailyCustomers, day);
        let count = random.between(SIGNUPS.0, SIGNUPS.1);
        for _ in 0..count {
            self.shop.admit(day, &self.countries, &mut random);
        }
        self.next = Day(day.0 + 1);
        calendar::spread(&self.hours, count, &mut random)
    }
}

/// What happens then is told up to here.
fn event(at: Moment, csv: &CsvWriter<impl io::Write>) -> Event {
    let (end_rows, end_bytes) = csv.written();
    Event { at, end_bytes, end_rows }
}

fn moment(day: Day, second: u32) -> Moment {
    Moment(i64::from(day.0) * DAY_SECONDS + i64::from(second))
}
