//! The shop: its customers, and how much each of them buys.

use super::calendar;
use super::catalogue::{COUNTRIES, Tastes};
use super::names::NAMES;
use super::plan::Plan;
use super::random::{Random, Use, Weights};
use goldstream_domain::column::COLUMNS;
use goldstream_domain::moment::Day;
use std::fmt::{self, Write as _};

/// How many of 100 customers had signed up before the period.
const OLD_CUSTOMERS_PERCENT: u64 = 70;
/// How long before the period the first could sign up.
const OLD_DAYS: u32 = 3 * 365;

/// One customer; his number is his place in the list, from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Customer {
    pub(super) country: u8,
    first_name: u8,
    last_name: u8,
    signup: Day,
}

/// A sample shop.
#[derive(Debug, Clone)]
pub struct Shop {
    pub(super) plan: Plan,
    /// In the order of their sign-up: those who can buy on a day come first.
    pub(super) customers: Vec<Customer>,
    /// How much each customer buys.
    pub(super) appetites: Weights,
    pub(super) tastes: Tastes,
}

impl Shop {
    /// Draws the customers of a shop.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let mut random = Random::new(plan.seed, Use::Customers);
        let signups = signups(&plan, &mut random);
        let countries = Weights::new(COUNTRIES.iter().map(|country| country.share));
        let customers: Vec<Customer> =
            signups.into_iter().map(|signup| customer(signup, &countries, &mut random)).collect();
        let appetites = Weights::new(customers.iter().map(|_| appetite(&mut random)));
        Self { plan, customers, appetites, tastes: Tastes::new() }
    }

    /// What it was made from.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A shop that nobody has signed up at yet.
    pub(super) fn without_customers(plan: Plan) -> Self {
        Self { customers: Vec::new(), appetites: Weights::new([]), plan, tastes: Tastes::new() }
    }

    /// One more signs up, who is drawn.
    pub(super) fn admit(&mut self, signup: Day, countries: &Weights, random: &mut Random) {
        self.customers.push(customer(signup, countries, random));
        self.appetites.push(appetite(random));
    }

    /// How many customers have signed up by that day.
    pub(super) fn customers_on(&self, day: Day) -> usize {
        self.customers.partition_point(|customer| customer.signup <= day)
    }
}

impl Customer {
    pub(super) fn fill(self, number: u32, fields: &mut [String; COLUMNS]) -> fmt::Result {
        let names = &NAMES[self.country as usize];
        let first = names.first[self.first_name as usize];
        let last = names.last[self.last_name as usize];
        let [id, name, email, signup, country] = fields;
        for field in [&mut *id, &mut *name, &mut *email, &mut *signup, &mut *country] {
            field.clear();
        }
        write!(id, "{number}")?;
        write!(name, "{first} {last}")?;
        names.write_email(first, last, number, email)?;
        write!(signup, "{}", self.signup)?;
        country.write_str(COUNTRIES[self.country as usize].name)
    }
}

fn customer(signup: Day, countries: &Weights, random: &mut Random) -> Customer {
    let country = countries.pick(random);
    let names = &NAMES[country];
    Customer {
        country: country as u8,
        first_name: random.index(names.first.len()) as u8,
        last_name: random.index(names.last.len()) as u8,
        signup,
    }
}

/// Sign-up days in ascending order; at least one customer is there from the beginning.
fn signups(plan: &Plan, random: &mut Random) -> Vec<Day> {
    let first = plan.first_day();
    let old = (u64::from(plan.customers) * OLD_CUSTOMERS_PERCENT).div_ceil(100);
    let old_days = OLD_DAYS.min(first.0);
    let days = calendar::days(first, plan.last_day);
    let mut signups: Vec<Day> = (0..u64::from(plan.customers))
        .map(|number| {
            if number < old {
                return Day(first.0 - random.below(u64::from(old_days) + 1) as u32);
            }
            Day(first.0 + days.pick(random) as u32)
        })
        .collect();
    signups.sort_unstable();
    signups
}

/// How much a customer buys: many buy little, one of a hundred buys very much.
fn appetite(random: &mut Random) -> u64 {
    match random.below(100) {
        0..=59 => random.between(2, 7),
        60..=89 => random.between(8, 22),
        90..=98 => random.between(25, 60),
        _ => random.between(90, 260),
    }
}
