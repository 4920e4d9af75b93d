//! A plain batch over the two files of a shop, written apart from the product: it reads everything,
//! keeps everything, and sums at the end. Accounting, summary and countries come out.

use super::plain_rules::{Refusal, cents, moment};
use goldstream_platform::clock::{now_ms, rfc3339};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What the batch says.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    accepted: HashMap<String, Purchase>,
    duplicates: u64,
    customers: HashMap<String, [String; 4]>,
    versions: u64,
    unchanged: u64,
    quarantined: BTreeMap<String, u64>,
    /// No purchase may be later.
    latest: String,
}

#[derive(Debug, PartialEq)]
struct Purchase {
    customer: String,
    moment: String,
    cents: i64,
    product: String,
}

impl Oracle {
    /// Of the files with the default French header, in its order.
    pub(crate) fn of(customers: &Path, purchases: &Path) -> Self {
        // 366 days from now on.
        let latest = rfc3339(now_ms() + 366 * 86_400_000)[..19].replace('T', " ");
        let mut oracle = Self { latest, ..Self::default() };
        for fields in rows(customers) {
            let taken = oracle.customer(fields);
            oracle.refuse("customers", taken);
        }
        for fields in rows(purchases) {
            let taken = oracle.purchase(fields);
            oracle.refuse("purchases", taken);
        }
        oracle
    }

    fn refuse(&mut self, kind: &str, taken: Result<(), Refusal>) {
        if let Err(reason) = taken {
            *self.quarantined.entry(format!("{kind}.{reason}")).or_default() += 1;
        }
    }

    fn customer(&mut self, fields: Vec<String>) -> Result<(), Refusal> {
        let [id, name, email, signup, country] = five(fields)?;
        if id == "id_client" && country == "pays" {
            return Err("repeated_header");
        }
        if id.is_empty() {
            return Err("missing_customer_id");
        }
        let signup = moment(&signup).map_or(String::new(), |moment| moment[..10].to_owned());
        let version = [name, email.to_lowercase(), signup, country];
        self.versions += 1;
        if self.customers.get(&id) == Some(&version) {
            self.unchanged += 1;
        }
        self.customers.insert(id, version);
        Ok(())
    }

    fn purchase(&mut self, fields: Vec<String>) -> Result<(), Refusal> {
        let [id, customer, date, amount, product] = five(fields)?;
        if id == "id_achat" && product == "produit" {
            return Err("repeated_header");
        }
        for (value, reason) in [
            (&id, "missing_purchase_id"),
            (&customer, "missing_customer_id"),
            (&product, "missing_product"),
        ] {
            if value.is_empty() {
                return Err(reason);
            }
        }
        let moment = moment(&date).filter(|moment| *moment <= self.latest).ok_or("bad_date")?;
        let purchase = Purchase { customer, moment, cents: cents(&amount)?, product };
        match self.accepted.get(&id) {
            None => drop(self.accepted.insert(id, purchase)),
            Some(first) if *first == purchase => self.duplicates += 1,
            Some(_) => return Err("conflicting_duplicate"),
        }
        Ok(())
    }

    /// As `export accounting` has it.
    pub(crate) fn accounting(&self) -> Value {
        json!({
            "accepted_purchases": self.accepted.len(),
            "duplicate_purchases": self.duplicates,
            "customer_versions": self.versions,
            "unchanged_customers": self.unchanged,
            "quarantined": self.quarantined,
        })
    }

    /// As `export summary` has it.
    pub(crate) fn summary(&self) -> Value {
        let orders = self.accepted.len() as u64;
        let revenue = self.accepted.values().map(|purchase| purchase.cents).sum();
        let buyers: BTreeSet<_> = self.accepted.values().map(|p| &p.customer).collect();
        let products: BTreeSet<_> = self.accepted.values().map(|p| &p.product).collect();
        let countries: BTreeSet<_> = buyers.iter().filter_map(|id| self.country(id)).collect();
        let known = self.customers.len() as u64;
        json!({
            "customers": known,
            "buyers": buyers.len(),
            "products": products.len(),
            "countries": countries.len(),
            "orders": orders,
            "revenue_cents": revenue,
            "average_basket_cents": average(revenue, orders),
            "average_customer_value_cents": average(revenue, known),
        })
    }

    /// As `export countries` has them.
    pub(crate) fn countries(&self) -> Value {
        let mut purchases: BTreeMap<Option<&str>, Vec<&Purchase>> = BTreeMap::new();
        for purchase in self.accepted.values() {
            purchases.entry(self.country(&purchase.customer)).or_default().push(purchase);
        }
        let unknown = purchases.remove(&None).map(|of| (None, of));
        let rows = purchases.into_iter().chain(unknown).map(|(country, of)| {
            let buyers: BTreeSet<_> = of.iter().map(|purchase| &purchase.customer).collect();
            let revenue = of.iter().map(|purchase| purchase.cents).sum();
            json!({
                "country": country,
                "buyers": buyers.len(),
                "orders": of.len(),
                "revenue_cents": revenue,
                "average_basket_cents": average(revenue, of.len() as u64),
            })
        });
        rows.collect()
    }

    /// Orders and revenue by weekday and hour, as `/weekdays` has them.
    pub(crate) fn weekdays(&self) -> Value {
        let mut sold = vec![(0, 0); 7 * 24];
        for Purchase { moment, cents, .. } in self.accepted.values() {
            let number = |from: usize, to: usize| moment[from..to].parse::<i64>().unwrap();
            let weekday = weekday((number(0, 4), number(5, 7), number(8, 10)));
            let (orders, revenue) = &mut sold[weekday * 24 + number(11, 13) as usize];
            *orders += 1;
            *revenue += cents;
        }
        let row = |(of_week, (orders, revenue)): (usize, (i64, i64))| {
            json!({
                "weekday": of_week / 24 + 1, "hour": of_week % 24,
                "orders": orders, "revenue_cents": revenue,
            })
        };
        sold.into_iter().enumerate().map(row).collect()
    }

    /// Revenue of a product, if anything of it was sold.
    pub(crate) fn revenue_of(&self, product: &str) -> Option<i64> {
        let of = self.accepted.values().filter(|purchase| purchase.product == product);
        of.map(|purchase| purchase.cents).reduce(|sum, cents| sum + cents)
    }

    /// Sign-up date of a known customer.
    pub(crate) fn signup_of(&self, customer: &str) -> Option<String> {
        let [.., signup, _] = self.customers.get(customer)?;
        (!signup.is_empty()).then(|| signup.clone())
    }

    /// When an accepted purchase was made.
    pub(crate) fn moment_of(&self, purchase: &str) -> Option<String> {
        self.accepted.get(purchase).map(|purchase| purchase.moment.replace(' ', "T"))
    }

    fn country(&self, customer: &str) -> Option<&str> {
        let [.., country] = self.customers.get(customer)?;
        (!country.is_empty()).then_some(country)
    }
}

/// Monday is 0; by Zeller's congruence.
fn weekday((year, month, day): (i64, i64, i64)) -> usize {
    let (year, month) = if month < 3 { (year - 1, month + 12) } else { (year, month) };
    let saturday_is_0 =
        (day + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400) % 7;
    ((saturday_is_0 + 5) % 7) as usize
}

fn rows(path: &Path) -> impl Iterator<Item = Vec<String>> {
    let reader = csv::ReaderBuilder::new().flexible(true).from_path(path).unwrap();
    let trimmed = |record: csv::StringRecord| record.iter().map(|f| f.trim().to_owned()).collect();
    reader.into_records().map(move |record| trimmed(record.unwrap()))
}

fn five(fields: Vec<String>) -> Result<[String; 5], Refusal> {
    fields.try_into().map_err(|_| "malformed")
}

/// Half to even; nothing where nothing is to be divided by.
fn average(sum: i64, count: u64) -> Option<i64> {
    let count = i64::try_from(count).unwrap();
    if count == 0 {
        return None;
    }
    let below = sum.div_euclid(count);
    let twice = 2 * (sum - below * count);
    Some(below + i64::from(twice > count || (twice == count && below % 2 != 0)))
}
