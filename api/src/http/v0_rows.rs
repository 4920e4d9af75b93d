//! The rows of `/v0`: the batch system's fields in its order, made from the same gold.
//!
//! Euros are the nearest binary numbers to whole cents, as JSON readers have them. Averages are not
//! rounded.

use goldstream_domain::gold::merge::{CustomerSales, ProductSales, Sales};
use goldstream_domain::gold::report::Summary;
use goldstream_domain::gold::rows::{CustomerId, CustomerRow};
use goldstream_domain::moment;
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Instant;

fn euros(cents: i64) -> f64 {
    cents as f64 / 100.0
}

/// Not rounded; 0 where there is nothing to divide by, as the batch had it.
fn mean(cents: i64, count: u64) -> f64 {
    if count == 0 { 0.0 } else { cents as f64 / (100.0 * count as f64) }
}

/// `YYYY-MM-DD HH:MM:SS`.
fn with_space(moment: moment::Moment) -> String {
    moment.to_string().replace('T', " ")
}

/// An id that is a plain integer is a number: no sign, no zero in front.
fn integer(id: &str) -> Option<u64> {
    let is_plain =
        id.bytes().all(|byte| byte.is_ascii_digit()) && (id == "0" || !id.starts_with('0'));
    // JSON readers know whole numbers up to 2^53.
    let number = is_plain.then(|| id.parse().ok()).flatten();
    number.filter(|number| *number <= 1 << 53)
}

/// Where an id stands: numbers by their value, then texts in byte order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum IdPlace {
    Number(u64),
    Text(CustomerId),
}

impl IdPlace {
    pub(super) fn of(id: &CustomerId) -> Self {
        integer(id).map_or_else(|| Self::Text(id.clone()), Self::Number)
    }
}

/// A customer's id.
#[derive(Debug, PartialEq, Eq)]
struct Id(String);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match integer(&self.0) {
            Some(number) => serializer.serialize_u64(number),
            None => serializer.serialize_str(&self.0),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Client {
    id_client: Id,
    nom: Option<Arc<str>>,
    email: Option<Arc<str>>,
    date_inscription: Option<moment::Day>,
    pays: Option<Arc<str>>,
    nombre_achats: u64,
    montant_total: f64,
    montant_moyen: f64,
    premier_achat: Option<String>,
    dernier_achat: Option<String>,
}

impl Client {
    pub(super) fn new(row: &CustomerRow) -> Self {
        let profile = row.profile.as_deref();
        Self {
            id_client: Id(row.customer_id.to_string()),
            nom: profile.and_then(|profile| profile.name.clone()),
            email: profile.and_then(|profile| profile.email.clone()),
            date_inscription: profile.and_then(|profile| profile.signup_date),
            pays: row.country.clone(),
            nombre_achats: row.orders,
            montant_total: euros(row.revenue_cents),
            montant_moyen: mean(row.revenue_cents, row.orders),
            premier_achat: row.first_purchase.map(with_space),
            dernier_achat: row.last_purchase.map(with_space),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Product {
    produit: Arc<str>,
    nombre_ventes: u64,
    chiffre_affaires: f64,
    prix_moyen: f64,
    prix_min: f64,
    prix_max: f64,
}

impl Product {
    pub(super) fn new(product: &Arc<str>, of: &ProductSales) -> Self {
        let Sales { orders, revenue_cents } = of.sales;
        Self {
            produit: Arc::clone(product),
            nombre_ventes: orders,
            chiffre_affaires: euros(revenue_cents),
            prix_moyen: mean(revenue_cents, orders),
            prix_min: euros(of.min_cents),
            prix_max: euros(of.max_cents),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Month {
    annee_mois: moment::Month,
    nombre_achats: u64,
    chiffre_affaires: f64,
    panier_moyen: f64,
    nombre_clients_uniques: u64,
}

impl Month {
    pub(super) fn new(month: moment::Month, of: &CustomerSales) -> Self {
        let Sales { orders, revenue_cents } = of.sales;
        Self {
            annee_mois: month,
            nombre_achats: orders,
            chiffre_affaires: euros(revenue_cents),
            panier_moyen: mean(revenue_cents, orders),
            nombre_clients_uniques: of.customers,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Country {
    pays: Arc<str>,
    nombre_clients: u64,
    nombre_achats: u64,
    chiffre_affaires: f64,
    panier_moyen: f64,
    #[serde(skip)]
    revenue_cents: i64,
}

impl Country {
    pub(super) fn new(country: &Arc<str>, of: &CustomerSales) -> Self {
        let Sales { orders, revenue_cents } = of.sales;
        Self {
            pays: Arc::clone(country),
            nombre_clients: of.customers,
            nombre_achats: orders,
            chiffre_affaires: euros(revenue_cents),
            panier_moyen: mean(revenue_cents, orders),
            revenue_cents,
        }
    }

    /// Largest revenue first, then by name in byte order.
    pub(super) fn place(&self) -> (Reverse<i64>, Arc<str>) {
        (Reverse(self.revenue_cents), Arc::clone(&self.pays))
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Totals {
    total_clients: u64,
    total_products: u64,
    total_months: u64,
    total_countries: u64,
    total_revenue: f64,
    total_orders: u64,
    average_customer_value: f64,
    response_time_ms: f64,
}

impl Totals {
    /// The answer to a question that was heard at `began`.
    pub(super) fn new(summary: &Summary, months: u64, began: Instant) -> Self {
        Self {
            total_clients: summary.customers,
            total_products: summary.products,
            total_months: months,
            total_countries: summary.countries,
            total_revenue: euros(summary.revenue_cents),
            total_orders: summary.orders,
            average_customer_value: mean(summary.revenue_cents, summary.customers),
            response_time_ms: began.elapsed().as_secs_f64() * 1_000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_integers_are_numbers_and_come_first() {
        let mut ids = ["10", "9", "00001", "b", "-1", "0", "9007199254740993", "+2", "1.0"];
        ids.sort_by_key(|id| IdPlace::of(&CustomerId::new(id)));
        assert_eq!(ids, ["0", "9", "10", "+2", "-1", "00001", "1.0", "9007199254740993", "b"]);
        let json = |id: &str| serde_json::to_string(&Id(id.to_owned())).unwrap();
        assert_eq!((json("10"), json("010")), ("10".to_owned(), "\"010\"".to_owned()));
    }
}
