//! What all rows together say though none is wrong: purchases whose customers nobody knows. It changes nothing.

use super::state::State;
use goldstream_domain::gold::rows::CustomerRow;

/// Before so many purchases the customers may still be on their way.
const PURCHASES_MIN: u64 = 1_000;

impl State {
    /// What a person should know of the rows together.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let (orders, known) = (self.tables.total.sales.orders, self.tables.known_orders);
        let is_odd = orders >= PURCHASES_MIN && known * 100 < orders;
        // A shop may have no file of customers at all.
        if !is_odd || self.known_customers() == 0 {
            return Vec::new();
        }
        let one = |is_meant: fn(&CustomerRow) -> bool| {
            let mut customers = self.tables.customers().filter(|row| is_meant(row));
            customers.next().map_or(String::new(), |row| row.customer_id.to_string())
        };
        let of_customer = one(|row| row.profile.is_some());
        let of_purchase = one(|row| row.profile.is_none());
        vec![format!(
            "only {known} of {orders} purchases know their customer: customers have ids like {of_customer:?}, \
             purchases like {of_purchase:?}"
        )]
    }
}
