//! Accepted events: purchases and versions of customers.

use super::column::{Named, Placed, Presence};
use super::stood::Stood;
use arrow_array::builder::{
    Date32Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use goldstream_domain::clean::{Customer, Purchase};
use std::sync::Arc;

#[derive(Debug, Default)]
pub(crate) struct PurchaseColumns {
    stood: Stood,
    customer_id: StringBuilder,
    purchase_id: StringBuilder,
    purchased_at: TimestampMillisecondBuilder,
    amount_cents: Int64Builder,
    product: StringBuilder,
}

impl PurchaseColumns {
    pub(super) fn push(&mut self, placed: Placed<'_>, purchase: &Purchase<'_>) {
        self.stood.push(&placed);
        self.customer_id.append_value(purchase.customer_id);
        self.purchase_id.append_value(purchase.purchase_id);
        self.purchased_at.append_value(purchase.purchased_at.0 * 1_000);
        self.amount_cents.append_value(purchase.amount_cents);
        self.product.append_value(purchase.product);
    }

    pub(super) fn finish(&mut self) -> Vec<Named> {
        let mut columns = self.stood.finish();
        columns.extend([
            ("customer_id", Presence::Always, Arc::new(self.customer_id.finish()) as _),
            ("purchase_id", Presence::Always, Arc::new(self.purchase_id.finish()) as _),
            ("purchased_at", Presence::Always, Arc::new(self.purchased_at.finish()) as _),
            ("amount_cents", Presence::Always, Arc::new(self.amount_cents.finish()) as _),
            ("product", Presence::Always, Arc::new(self.product.finish()) as _),
        ]);
        columns
    }
}

#[derive(Debug, Default)]
pub(crate) struct CustomerColumns {
    stood: Stood,
    customer_id: StringBuilder,
    name: StringBuilder,
    email: StringBuilder,
    signup_date: Date32Builder,
    country: StringBuilder,
}

impl CustomerColumns {
    pub(super) fn push(&mut self, placed: Placed<'_>, customer: &Customer<'_>) {
        self.stood.push(&placed);
        self.customer_id.append_value(customer.customer_id);
        self.name.append_option(customer.name);
        self.email.append_option(customer.email.as_deref());
        let day = customer.signup_date.and_then(|day| i32::try_from(day.0).ok());
        self.signup_date.append_option(day);
        self.country.append_option(customer.country);
    }

    pub(super) fn finish(&mut self) -> Vec<Named> {
        let mut columns = self.stood.finish();
        columns.extend([
            ("customer_id", Presence::Always, Arc::new(self.customer_id.finish()) as _),
            ("name", Presence::Nullable, Arc::new(self.name.finish()) as _),
            ("email", Presence::Nullable, Arc::new(self.email.finish()) as _),
            ("signup_date", Presence::Nullable, Arc::new(self.signup_date.finish()) as _),
            ("country", Presence::Nullable, Arc::new(self.country.finish()) as _),
        ]);
        columns
    }
}
