//! Cleaning: the rules that make a bronze row a customer or a purchase, in their order.
//! A rule that fails is a value; nothing here stops the stream.

use crate::bronze::Fields;
use crate::column::{COLUMNS, Kind};
use crate::moment::{Day, Moment};
use crate::money::{AmountError, parse_cents};
use crate::partition::partition_of;
use crate::reason::{Reason, Rejection};
use crate::text::{canonical, is_nothing, trim};
use std::borrow::Cow;

/// Orders are placed in advance, but not for years.
pub const FUTURE_DAYS_DEFAULT: u32 = 366;
const DAY_SECONDS: i64 = 86_400;
/// 2000-01-01: records of other programs that bear no time, or a made-up one, are of before.
const INGESTED_AT_MS_MIN: i64 = 946_684_800_000;

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
    /// Trimmed text; null where it is empty.
    pub name: Option<&'a str>,
    /// Trimmed and lower-cased text; null where it is empty.
    pub email: Option<Cow<'a, str>>,
    /// Null where it is missing or no date.
    pub signup_date: Option<Day>,
    /// Null where it is empty.
    pub country: Option<&'a str>,
}

/// How a row came: where it was found, to notice those that stand in another partition than their id's,
/// and when, to notice dates that lie far ahead of it.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The partition it stands in.
    pub partition: u32,
    /// How many there are.
    pub partitions: u32,
    /// When bronze took it in, milliseconds since 1970 UTC; what lies before 2000 is no such time.
    pub ingested_at_ms: i64,
    /// What is set of the rules.
    pub rules: Rules,
}

/// What can be set of the rules. Stores keep it: rows are judged alike by whoever reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// A purchase may lie so many days after the time at which bronze took it in.
    pub future_days: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { future_days: FUTURE_DAYS_DEFAULT }
    }
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

    /// Whether a date lies so far ahead of the row's ingestion that it was mistyped.
    fn is_too_far_ahead(self, moment: Moment) -> bool {
        let days = i64::from(self.rules.future_days);
        let latest_s = self.ingested_at_ms.div_euclid(1000) + days * DAY_SECONDS;
        self.ingested_at_ms >= INGESTED_AT_MS_MIN && moment.0 > latest_s
    }
}

/// Brings ids and countries of a row to their canonical form, so that those which look the same are one.
pub fn unify(kind: Kind, fields: &mut Fields<'_>) {
    let columns = match kind {
        Kind::Purchases => [0, 1],
        Kind::Customers => [0, 4],
    };
    for column in columns {
        let field = &mut fields[column];
        if !field.is_ascii()
            && let Cow::Owned(unified) = canonical(field)
        {
            *field = Cow::Owned(unified);
        }
    }
}

fn refuse_repeated_header(kind: Kind, fields: &[&str; COLUMNS]) -> Result<(), Rejection> {
    // Nearly every id begins with a digit, and no column does.
    let begins_as_name = fields[0].as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    if !begins_as_name
        || !kind.names_column(fields[0])
        || !fields.iter().all(|field| kind.names_column(field))
    {
        return Ok(());
    }
    Err(Rejection::new(Reason::RepeatedHeader, "the header stands here once more"))
}

/// Applies the rules for purchases.
///
/// # Errors
/// The first rule that the row fails.
pub fn clean_purchase<'a>(fields: &'a Fields<'_>, route: Route) -> Result<Purchase<'a>, Rejection> {
    let [purchase_id, customer_id, purchased_at, amount, product] =
        trimmed(Kind::Purchases, fields)?;
    require(purchase_id, Reason::MissingPurchaseId, Kind::Purchases, 0)?;
    route.check(purchase_id)?;
    require(customer_id, Reason::MissingCustomerId, Kind::Purchases, 1)?;
    require(product, Reason::MissingProduct, Kind::Purchases, 4)?;
    let purchased_at = read_moment(purchased_at, route)?;
    let amount_cents = parse_cents(amount).map_err(|error| reject_amount(amount, error))?;
    Ok(Purchase { purchase_id, customer_id, purchased_at, amount_cents, product })
}

/// Applies the rules for customers.
///
/// # Errors
/// The first rule that the row fails.
pub fn clean_customer<'a>(fields: &'a Fields<'_>, route: Route) -> Result<Customer<'a>, Rejection> {
    let [customer_id, name, email, signup_date, country] = trimmed(Kind::Customers, fields)?;
    require(customer_id, Reason::MissingCustomerId, Kind::Customers, 0)?;
    route.check(customer_id)?;
    Ok(Customer {
        customer_id,
        name: unless_empty(name),
        email: said(email).map(lower_case),
        signup_date: Moment::parse(signup_date).map(Moment::day),
        country: said(country),
    })
}

fn unless_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The text, unless it is a word for nothing.
fn said(text: &str) -> Option<&str> {
    (!is_nothing(text)).then_some(text)
}

/// Whether the fields of a line are plainly those of a row: of a purchase, date and amount can be
/// read; of a customer there is an id, and e-mail or sign-up date look like one, or are empty.
/// A line that quotes join to others, but that is a row by itself, was not meant to be text.
#[must_use]
pub fn reads_as_row(kind: Kind, fields: &Fields<'_>) -> bool {
    let [id, _, third, fourth, _] = fields.each_ref().map(|field| trim(field));
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

/// The fields without what cannot be seen around them, unless they are the header's.
fn trimmed<'a>(kind: Kind, fields: &'a Fields<'_>) -> Result<[&'a str; COLUMNS], Rejection> {
    let fields = fields.each_ref().map(|field| trim(field));
    refuse_repeated_header(kind, &fields)?;
    Ok(fields)
}

fn require(value: &str, reason: Reason, kind: Kind, column: usize) -> Result<(), Rejection> {
    if !value.is_empty() {
        return Ok(());
    }
    let column = kind.columns()[column];
    Err(Rejection::new(reason, format!("{} ({}) is empty", column.french, column.english)))
}

fn read_moment(text: &str, route: Route) -> Result<Moment, Rejection> {
    let refuse = |what: &str| Rejection::new(Reason::BadDate, format!("{} {what}", quoted(text)));
    let moment = Moment::parse(text).ok_or_else(|| refuse("is no date"))?;
    if route.is_too_far_ahead(moment) {
        let days = route.rules.future_days;
        return Err(refuse(&format!("lies more than {days} days ahead of the row's ingestion")));
    }
    Ok(moment)
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

    const RULES: Rules = Rules { future_days: FUTURE_DAYS_DEFAULT };
    const ALONE: Route = Route { partition: 0, partitions: 1, ingested_at_ms: 0, rules: RULES };

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
        let route = Route { partition: (home + 1) % 4, partitions: 4, ..ALONE };
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
        assert_eq!(customer.email.as_deref(), Some("éva@shop.fr"));
        assert_eq!((customer.signup_date, customer.country), (None, None));
        let fields = [" ", "A", "", "", ""].map(Cow::Borrowed);
        assert_eq!(clean_customer(&fields, ALONE).unwrap_err().reason, Reason::MissingCustomerId);
    }

    #[test]
    fn a_purchase_far_ahead_of_its_ingestion_has_a_bad_date() {
        // 2024-03-01T00:00:00Z.
        let ingested_at_ms = 1_709_251_200_000;
        let route = Route { ingested_at_ms, ..ALONE };
        for (date, is_good) in [
            ("2024-03-01", true),
            ("2025-03-02 00:00:00", true),
            ("2025-03-02 00:00:01", false),
            ("2109-12-09", false),
        ] {
            let fields = ["1", "7", date, "1", "p"].map(Cow::Borrowed);
            let cleaned = clean_purchase(&fields, route).map_err(|rejection| rejection.reason);
            assert_eq!(cleaned.is_ok(), is_good, "{date}: {cleaned:?}");
            assert!(is_good || cleaned == Err(Reason::BadDate));
            assert!(clean_purchase(&fields, ALONE).is_ok());
        }
        let strict = Route { rules: Rules { future_days: 0 }, ..route };
        let fields = ["1", "7", "2024-03-01 00:00:01", "1", "p"].map(Cow::Borrowed);
        assert!(clean_purchase(&fields, strict).is_err());
    }

    #[test]
    fn a_header_amid_the_rows_is_no_row_whatever_its_order_and_language() {
        for header in [
            ["id_achat", "id_client", "date_achat", "montant", "produit"],
            ["\u{feff}ID_ACHAT", "customer_id", "montant", "date_achat", " produit"],
        ] {
            assert_eq!(purchase(header), Err(Reason::RepeatedHeader));
        }
        let fields = ["id_client", "nom", "email", "date_inscription", "pays"].map(Cow::Borrowed);
        assert_eq!(clean_customer(&fields, ALONE).unwrap_err().reason, Reason::RepeatedHeader);
        // One column that says something makes it a row.
        let fields = ["id_client", "Nom", "email", "", "pays"].map(Cow::Borrowed);
        assert!(clean_customer(&fields, ALONE).is_ok());
    }

    #[test]
    fn ids_and_countries_that_look_the_same_are_one_and_products_stay() {
        let mut fields = ["e\u{301}1", "7\u{a0}b", "1/3/2024", "1", "e\u{301}"].map(Cow::Borrowed);
        unify(Kind::Purchases, &mut fields);
        let purchase = clean_purchase(&fields, ALONE).unwrap();
        assert_eq!((purchase.purchase_id, purchase.customer_id), ("é1", "7 b"));
        assert_eq!(purchase.product, "e\u{301}");
        let mut fields = ["7", "", "NULL", "nan", "Cote\u{a0}X"].map(Cow::Borrowed);
        unify(Kind::Customers, &mut fields);
        let customer = clean_customer(&fields, ALONE).unwrap();
        assert_eq!((customer.country, customer.signup_date), (Some("Cote X"), None));
        assert_eq!(customer.email, None);
    }

    #[test]
    fn what_is_empty_of_a_customer_is_null() {
        let fields = ["7", " ", "\t", "", "\u{a0}"].map(Cow::Borrowed);
        let customer = clean_customer(&fields, ALONE).unwrap();
        assert_eq!((customer.name, customer.email, customer.country), (None, None, None));
    }

    #[test]
    fn a_long_bad_value_is_cut_in_the_detail() {
        let long = "é".repeat(1000);
        let fields = ["1", "7", &long, "1", "p"].map(Cow::Borrowed);
        assert!(clean_purchase(&fields, ALONE).unwrap_err().detail.len() < 200);
    }
}
