//! The shop while it is open: one purchase after the other, at the moments that it is given.
//! Must not read a clock or wait: it only says for how long.

use super::files::Euros;
use super::random::{Random, Use};
use super::shop::Shop;
use goldstream_domain::moment::Moment;

/// Typical waits, as unequal as those between strangers; their average is the shop's.
const PAUSES_MS: [u64; 10] = [20, 60, 100, 150, 200, 260, 340, 450, 620, 1300];

/// A purchase as the columns of a file tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePurchase {
    /// The id that it was given.
    pub purchase_id: String,
    /// The number of a customer of the shop.
    pub customer_id: String,
    /// The moment that it was given.
    pub purchased_at: Moment,
    /// Euros with two digits behind a point.
    pub amount: String,
    /// The name of a product.
    pub product: &'static str,
}

/// A shop that goes on selling, to the same people with the same tastes.
#[derive(Debug, Clone)]
pub struct LiveShop {
    shop: Shop,
    random: Random,
}

impl LiveShop {
    /// Opens a shop; another seed sells other things.
    #[must_use]
    pub fn new(shop: &Shop, seed: u64) -> Self {
        Self { shop: shop.clone(), random: Random::new(seed, Use::Live) }
    }

    /// What is bought now. Before the first sign-up, or without customers, customer 1 buys.
    pub fn next_purchase(&mut self, now: Moment, id: String) -> SamplePurchase {
        let customers = self.shop.customers_on(now.day());
        let sale = self.shop.sale(0, customers, now, &mut self.random);
        SamplePurchase {
            purchase_id: id,
            customer_id: sale.customer.to_string(),
            purchased_at: now,
            amount: Euros { cents: sale.amount_cents }.to_string(),
            product: sale.product,
        }
    }

    /// How long nobody buys now, in milliseconds: about 350 on average.
    pub fn next_pause_ms(&mut self) -> u64 {
        let typical_ms = PAUSES_MS[self.random.index(PAUSES_MS.len())];
        typical_ms / 2 + self.random.below(typical_ms + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Plan;
    use super::*;

    fn live(seed: u64) -> LiveShop {
        LiveShop::new(&Shop::new(Plan::default()), seed)
    }

    #[test]
    fn it_sells_the_same_things_for_the_same_seed() {
        let now = Moment::parse("2026-01-01 10:00:00").unwrap();
        let sold = |seed| live(seed).next_purchase(now, "live-1".to_owned());
        assert_eq!(sold(1), sold(1));
        assert_ne!(sold(1), sold(2));
        assert_eq!((sold(1).purchase_id.as_str(), sold(1).purchased_at), ("live-1", now));
    }

    #[test]
    fn customers_are_those_of_the_shop_and_amounts_are_clean() {
        let now = Moment::parse("2026-01-01 10:00:00").unwrap();
        let mut live = live(1);
        for _ in 0..2000 {
            let sold = live.next_purchase(now, String::new());
            assert!((1..=1500).contains(&sold.customer_id.parse::<u32>().unwrap()));
            assert!(goldstream_domain::money::parse_cents(&sold.amount).is_ok_and(|c| c > 0));
        }
    }

    #[test]
    fn a_shop_without_customers_still_answers() {
        let shop = Shop::new(Plan { customers: 0, ..Plan::default() });
        let sold = LiveShop::new(&shop, 1).next_purchase(Moment(0), "1".to_owned());
        assert_eq!(sold.customer_id, "1");
    }

    #[test]
    fn waits_average_about_350_ms() {
        let mut live = live(1);
        let sum_ms: u64 = (0..20_000).map(|_| live.next_pause_ms()).sum();
        assert!((335..365).contains(&(sum_ms / 20_000)), "{}", sum_ms / 20_000);
    }
}
