//! Cleaning: the rules that make a bronze row a customer or a purchase, in their order.
//! A rule that fails is a value; nothing here stops the stream.

use crate::bronze::Fields;
use crate::column::Kind;
use crate::moment::{Day, Moment};
use crate::money::{AmountError, parse_cents};
use crate::partition::partition_of;
use crate::reason::{Reason, Rejection};
use std::borrow::Cow;

/// Longest piece of a bad value that a detail repeats.
const DETAIL_CHARS_MAX: usize = 80;

/// A purchase that passed every rule but deduplication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purchase<'a> {
    /// Trimmed text, not empty.
    pub purchase_id: &'a str,
    /// Trimmed text, not empty.
    pub customer_id: &'a str,
    /// Local wall time.
    pub purchased_at: Moment,
    /// Whole cents, 0 or more.
    pub amount_cents: i64,
    /// Trimmed text, not empty.
    pub product: &'a str,
}

/// One version of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer<'a> {
    /// Trimmed text, not empty.
    pub customer_id: &'a str,
    /// Trimmed text, may be empty.
    pub name: &'a str,
    /// Trimmed and lower-cased text, may be empty.
    pub email: Cow<'a, str>,
    /// Null where it is missing or no date.
    pub signup_date: Option<Day>,
    /// Null where it is empty.
    pub country: Option<&'a str>,
}

/// Where a row was found, to notice those that stand in another partition than their id's.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The partition it stands in.
    pub partition: u32,
    /// How many there are.
    pub partitions: u32,
}

impl Route {
    fn check(self, id: &str) -> Result<(), Rejection> {
        let home = partition_of(id.as_bytes(), self.partitions);
        if home == self.partition {
            return Ok(());
        }
        let detail = format!(
            "stands in partition {}, but {} belongs in partition {home} (key = trimmed id, murmur2; \
             clients on librdkafka must set partitioner=murmur2_random)",
            self.partition,
            quoted(id)
        );
        Err(Rejection::new(Reason::Misrouted, detail))
    }
}

/// Applies the rules for purchases.
///
/// # Errors
/// The first rule that the row fails.
pub fn clean_purchase<'a>(fields: &'a Fields<'_>, route: Route) -> Result<Purchase<'a>, Rejection> {
    let [purchase_id, customer_id, purchased_at, amount, product] =
        fields.each_ref().map(|field| field.trim());
    require(purchase_id, Reason::MissingPurchaseId, Kind::Purchases, 0)?;
    route.check(purchase_id)?;
    require(customer_id, Reason::MissingCustomerId, Kind::Purchases, 1)?;
    require(product, Reason::MissingProduct, Kind::Purchases, 4)?;
    let purchased_at = Moment::parse(purchased_at).ok_or_else(|| {
        Rejection::new(Reason::BadDate, format!("{} is no date", quoted(purchased_at)))
    })?;
    let amount_cents = parse_cents(amount).map_err(|error| reject_amount(amount, error))?;
    Ok(Purchase { purchase_id, customer_id, purchased_at, amount_cents, product })
}

/// Applies the rules for customers.
///
/// # Errors
/// The first rule that the row fails.
pub fn clean_customer<'a>(fields: &'a Fields<'_>, route: Route) -> Result<Customer<'a>, Rejection> {
    let [customer_id, name, email, signup_date, country] =
        fields.each_ref().map(|field| field.trim());
    require(customer_id, Reason::MissingCustomerId, Kind::Customers, 0)?;
    route.check(customer_id)?;
    Ok(Customer {
        customer_id,
        name,
        email: lower_case(email),
        signup_date: Moment::parse(signup_date).map(Moment::day),
        country: (!country.is_empty()).then_some(country),
    })
}

/// Whether the fields of a line are plainly those of a row: of a purchase, date and amount can be
/// read; of a customer there is an id, and e-mail or sign-up date look like one, or are empty.
/// A line that quotes join to others, but that is a row by itself, was not meant to be text.
#[must_use]
pub fn reads_as_row(kind: Kind, fields: &Fields<'_>) -> bool {
    let [id, _, third, fourth, _] = fields.each_ref().map(|field| field.trim());
    match kind {
        Kind::Purchases => {
            Moment::parse(third).is_some()
                && !matches!(parse_cents(fourth), Err(AmountError::NotANumber))
        }
        Kind::Customers => {
            let (email, signup_date) = (third, fourth);
            let is_date = signup_date.is_empty() || Moment::parse(signup_date).is_some();
            !id.is_empty() && (is_date || email.is_empty() || email.contains('@'))
        }
    }
}

fn require(value: &str, reason: Reason, kind: Kind, column: usize) -> Result<(), Rejection> {
    if !value.is_empty() {
        return Ok(());
    }
    let column = kind.columns()[column];
    Err(Rejection::new(reason, format!("{} ({}) is empty", column.french, column.english)))
}

fn reject_amount(text: &str, error: AmountError) -> Rejection {
    match error {
        AmountError::NotANumber => {
            Rejection::new(Reason::BadAmount, format!("{} is no amount", quoted(text)))
        }
        AmountError::TooLarge => {
            Rejection::new(Reason::BadAmount, format!("{} is above 100,000,000.00", quoted(text)))
        }
        AmountError::NotPositive => {
            Rejection::new(Reason::NonPositiveAmount, format!("{} is not above zero", quoted(text)))
        }
    }
}

/// A bad value in quotes, cut where it is long.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(DETAIL_CHARS_MAX) {
        None => format!("\"{text}\""),
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
    }
}

fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Route = Route { partition: 0, partitions: 1 };

    fn purchase(fields: [&str; 5]) -> Result<(), Reason> {
        let fields = fields.map(Cow::Borrowed);
        clean_purchase(&fields, ALONE).map(|_| ()).map_err(|rejection| rejection.reason)
    }

    #[test]
    fn the_first_failing_rule_names_the_reason() {
        let all_wrong = ["", "", "x", "x", ""];
        assert_eq!(purchase(all_wrong), Err(Reason::MissingPurchaseId));
        assert_eq!(purchase(["1", " ", "x", "x", ""]), Err(Reason::MissingCustomerId));
        assert_eq!(purchase(["1", "7", "x", "x", "\t"]), Err(Reason::MissingProduct));
        assert_eq!(purchase(["1", "7", "x", "x", "p"]), Err(Reason::BadDate));
        assert_eq!(purchase(["1", "7", "2024-03-01", "x", "p"]), Err(Reason::BadAmount));
        assert_eq!(purchase(["1", "7", "2024-03-01", "1e9", "p"]), Err(Reason::BadAmount));
        assert_eq!(purchase(["1", "7", "2024-03-01", "-1", "p"]), Err(Reason::NonPositiveAmount));
        assert_eq!(purchase(["1", "7", "2024-03-01", "1", "p"]), Ok(()));
    }

    #[test]
    fn a_row_in_another_partition_than_its_ids_is_misrouted_and_told_why() {
        let fields = ["1", "", "", "", ""].map(Cow::Borrowed);
        let home = partition_of(b"1", 4);
        let route = Route { partition: (home + 1) % 4, partitions: 4 };
        let rejection = clean_purchase(&fields, route).unwrap_err();
        assert_eq!(rejection.reason, Reason::Misrouted);
        assert!(rejection.detail.contains("partitioner=murmur2_random"));
    }

    #[test]
    fn text_is_trimmed_and_ids_stay_text() {
        let fields = [" 00001\u{a0}", " 7 ", " 1/3/2024 ", " 1 ", " A  B "].map(Cow::Borrowed);
        let purchase = clean_purchase(&fields, ALONE).unwrap();
        assert_eq!((purchase.purchase_id, purchase.customer_id), ("00001", "7"));
        assert_eq!(purchase.product, "A  B");
    }

    #[test]
    fn a_customer_needs_only_his_id() {
        let fields = ["7", "", " ÉVA@Shop.FR ", "soon", " "].map(Cow::Borrowed);
        let customer = clean_customer(&fields, ALONE).unwrap();
        assert_eq!(customer.email, "éva@shop.fr");
        assert_eq!((customer.signup_date, customer.country), (None, None));
        let fields = [" ", "A", "", "", ""].map(Cow::Borrowed);
        assert_eq!(clean_customer(&fields, ALONE).unwrap_err().reason, Reason::MissingCustomerId);
    }

    #[test]
    fn a_long_bad_value_is_cut_in_the_detail() {
        let long = "é".repeat(1000);
        let fields = ["1", "7", &long, "1", "p"].map(Cow::Borrowed);
        assert!(clean_purchase(&fields, ALONE).unwrap_err().detail.len() < 200);
    }
}
