//! What is sold, to which countries, and who likes what.

use super::random::{Random, Weights};

/// One article group.
pub(super) struct Product {
    pub(super) name: &'static str,
    /// Cheapest and dearest price, in whole euros.
    price_euros: (u64, u64),
}

/// One country of the shop's customers.
pub(super) struct Country {
    pub(super) name: &'static str,
    /// How many of 100 customers live there.
    pub(super) share: u64,
    /// How much each product is liked there, in the order of [`PRODUCTS`].
    tastes: [u64; PRODUCTS.len()],
}

const fn product(name: &'static str, low: u64, high: u64) -> Product {
    Product { name, price_euros: (low, high) }
}

const fn country(name: &'static str, share: u64, tastes: [u64; PRODUCTS.len()]) -> Country {
    Country { name, share, tastes }
}

pub(super) const PRODUCTS: [Product; 10] = [
    product("Ordinateur portable", 449, 1899),
    product("Smartphone", 149, 1099),
    product("Casque audio", 19, 349),
    product("Clavier", 15, 149),
    product("Souris", 9, 89),
    product("Écran", 99, 549),
    product("Tablette", 119, 799),
    product("Imprimante", 69, 399),
    product("Webcam", 19, 149),
    product("Enceinte", 25, 299),
];

pub(super) const COUNTRIES: [Country; 9] = [
    country("France", 46, [8, 10, 15, 12, 17, 8, 8, 6, 8, 8]),
    country("Allemagne", 12, [9, 7, 10, 18, 16, 14, 5, 10, 7, 4]),
    country("Belgique", 10, [7, 9, 13, 11, 15, 8, 9, 7, 11, 10]),
    country("Espagne", 8, [5, 16, 19, 8, 12, 5, 10, 3, 7, 15]),
    country("Italie", 7, [5, 19, 14, 7, 12, 5, 12, 5, 6, 15]),
    country("Suisse", 6, [15, 12, 12, 10, 11, 13, 10, 4, 8, 5]),
    country("Pays-Bas", 5, [9, 8, 12, 15, 15, 12, 6, 4, 14, 5]),
    country("Royaume-Uni", 4, [9, 11, 17, 9, 12, 8, 11, 3, 9, 11]),
    country("Portugal", 2, [4, 15, 18, 9, 15, 5, 10, 5, 8, 11]),
];

/// What customers of each country choose.
#[derive(Debug, Clone)]
pub(super) struct Tastes {
    countries: Vec<Weights>,
}

impl Tastes {
    pub(super) fn new() -> Self {
        let countries = COUNTRIES.iter().map(|country| Weights::new(country.tastes)).collect();
        Self { countries }
    }

    /// The index of a product that a customer of this country buys.
    pub(super) fn product(&self, country: usize, random: &mut Random) -> usize {
        self.countries[country].pick(random)
    }
}

impl Product {
    /// What one purchase costs, in cents: the cheap half of the range is bought more often.
    pub(super) fn price_cents(&self, random: &mut Random) -> u64 {
        let (low, high) = self.price_euros;
        let euros = random.between(low, high).min(random.between(low, high));
        let cents = match random.below(10) {
            0..=4 => 90,
            5..=7 => 99,
            8 => 50,
            _ => 0,
        };
        euros * 100 + cents
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Use;
    use super::*;

    #[test]
    fn prices_keep_to_the_range_of_their_product() {
        let mut random = Random::new(7, Use::Rush);
        for product in &PRODUCTS {
            let (low, high) = product.price_euros;
            for _ in 0..1000 {
                let cents = product.price_cents(&mut random);
                assert!((low * 100..(high + 1) * 100).contains(&cents), "{}", product.name);
            }
        }
    }

    #[test]
    fn the_shares_of_the_countries_are_percentages_and_france_comes_first() {
        assert_eq!(COUNTRIES.iter().map(|country| country.share).sum::<u64>(), 100);
        assert!(COUNTRIES.is_sorted_by_key(|country| std::cmp::Reverse(country.share)));
    }
}
