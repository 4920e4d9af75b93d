//! Silver: what cleaning and deduplication accepted, one stream of tagged events keyed by customer id.

use crate::clean::{Customer, Purchase};
use crate::codec::{
    CodecError, Reader, put_optional_text, put_signed, put_text, put_texts, put_varint,
};
use crate::json::{self, Text};
use crate::moment::{Day, Moment, Month};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

const TAG_PURCHASE: u8 = 0;
const TAG_CUSTOMER: u8 = 1;

/// One accepted event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SilverEvent<'a> {
    /// A purchase seen for the first time.
    Purchase(Purchase<'a>),
    /// A version of a customer, changed or not.
    Customer(Customer<'a>),
}

impl<'a> SilverEvent<'a> {
    /// The customer whom it concerns: the key of its record.
    #[must_use]
    pub fn customer_id(&self) -> &str {
        match self {
            Self::Purchase(purchase) => purchase.customer_id,
            Self::Customer(customer) => customer.customer_id,
        }
    }

    /// Appends the compact form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Purchase(purchase) => encode_purchase(purchase, out),
            Self::Customer(customer) => encode_customer(customer, out),
        }
    }

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`CodecError`] where the bytes are no event of this version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            TAG_PURCHASE => {
                let purchased_at = Moment(reader.signed()?);
                let amount_cents = reader.signed()?;
                let [purchase_id, customer_id, product] = reader.texts()?;
                let purchase =
                    Purchase { purchase_id, customer_id, purchased_at, amount_cents, product };
                Ok(Self::Purchase(purchase))
            }
            TAG_CUSTOMER => Ok(Self::Customer(Customer {
                customer_id: reader.text()?,
                name: reader.optional_text()?,
                email: reader.optional_text()?.map(Cow::Borrowed),
                signup_date: decode_day(reader.varint()?),
                country: reader.optional_text()?,
            })),
            tag => Err(CodecError::UnknownTag(tag)),
        }
    }

    /// Appends the JSON object of the contract.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let written = match self {
            Self::Purchase(purchase) => serde_json::to_writer(out, &PurchaseJson::new(purchase)),
            Self::Customer(customer) => serde_json::to_writer(
                out,
                &CustomerJson {
                    kind: "customer",
                    customer_id: customer.customer_id,
                    name: customer.name,
                    email: customer.email.as_deref(),
                    signup_date: customer.signup_date,
                    country: customer.country,
                },
            ),
        };
        // Plain structs of text and numbers always have a JSON form.
        written.unwrap_or_default();
    }
}

/// An event read from the JSON object of the contract. It owns what the text escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedEvent<'a> {
    /// Of a purchase; year, month and weekday follow from its moment.
    Purchase {
        /// As in [`Purchase`].
        purchase_id: Cow<'a, str>,
        /// As in [`Purchase`].
        customer_id: Cow<'a, str>,
        /// As in [`Purchase`].
        purchased_at: Moment,
        /// As in [`Purchase`].
        amount_cents: i64,
        /// As in [`Purchase`].
        product: Cow<'a, str>,
    },
    /// Of a customer.
    Customer {
        /// As in [`Customer`].
        customer_id: Cow<'a, str>,
        /// As in [`Customer`].
        name: Option<Cow<'a, str>>,
        /// As in [`Customer`].
        email: Option<Cow<'a, str>>,
        /// As in [`Customer`].
        signup_date: Option<Day>,
        /// As in [`Customer`].
        country: Option<Cow<'a, str>>,
    },
}

/// The fields of either event. An enum with a tag would be read into a tree first, value by value.
#[derive(Deserialize)]
struct EventJson<'a> {
    kind: EventKind,
    #[serde(borrow)]
    customer_id: Text<'a>,
    #[serde(borrow)]
    purchase_id: Option<Text<'a>>,
    purchased_at: Option<Moment>,
    amount_cents: Option<i64>,
    #[serde(borrow)]
    product: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    email: Option<Text<'a>>,
    signup_date: Option<Day>,
    #[serde(borrow)]
    country: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventKind {
    Purchase,
    Customer,
}

impl<'a> ParsedEvent<'a> {
    /// Reads the JSON object of the contract.
    ///
    /// # Errors
    /// Where it is none: only this program writes silver, so the log is damaged.
    pub fn from_json(json: &'a [u8]) -> Result<Self, serde_json::Error> {
        let json = json::text(json)?;
        match Self::plain_purchase(json) {
            Some(purchase) => Ok(purchase),
            None => Self::any_event(json),
        }
    }

    /// A purchase to the byte as [`SilverEvent::write_json`] writes it.
    fn plain_purchase(json: &'a str) -> Option<Self> {
        let mut json = json::Plain::new(json);
        json.skip(r#"{"kind":"purchase","purchase_id":"#)?;
        let purchase_id = Cow::Borrowed(json.text()?);
        json.skip(r#","customer_id":"#)?;
        let customer_id = Cow::Borrowed(json.text()?);
        json.skip(r#","purchased_at":"#)?;
        let purchased_at = Moment::parse(json.text()?)?;
        json.skip(r#","year":"#)?;
        json.whole()?;
        json.skip(r#","month":"#)?;
        json.text()?;
        json.skip(r#","weekday":"#)?;
        json.whole()?;
        json.skip(r#","amount_cents":"#)?;
        let amount_cents = json.signed()?;
        json.skip(r#","product":"#)?;
        let product = Cow::Borrowed(json.text()?);
        json.skip("}")?;
        json.end()?;
        Some(Self::Purchase { purchase_id, customer_id, purchased_at, amount_cents, product })
    }

    fn any_event(json: &'a str) -> Result<Self, serde_json::Error> {
        let read: EventJson<'_> = serde_json::from_str(json)?;
        let missing = serde::de::Error::missing_field;
        let customer_id = read.customer_id.0;
        let text =
            |text: Option<Text<'a>>, name| text.map(|text| text.0).ok_or_else(|| missing(name));
        Ok(match read.kind {
            EventKind::Purchase => Self::Purchase {
                purchase_id: text(read.purchase_id, "purchase_id")?,
                customer_id,
                purchased_at: read.purchased_at.ok_or_else(|| missing("purchased_at"))?,
                amount_cents: read.amount_cents.ok_or_else(|| missing("amount_cents"))?,
                product: text(read.product, "product")?,
            },
            EventKind::Customer => Self::Customer {
                customer_id,
                name: unless_empty(read.name),
                email: unless_empty(read.email),
                signup_date: read.signup_date,
                country: read.country.map(|country| country.0),
            },
        })
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> SilverEvent<'_> {
        match self {
            Self::Purchase { purchase_id, customer_id, purchased_at, amount_cents, product } => {
                SilverEvent::Purchase(Purchase {
                    purchase_id,
                    customer_id,
                    purchased_at: *purchased_at,
                    amount_cents: *amount_cents,
                    product,
                })
            }
            Self::Customer { customer_id, name, email, signup_date, country } => {
                SilverEvent::Customer(Customer {
                    customer_id,
                    name: name.as_deref(),
                    email: email.as_deref().map(Cow::Borrowed),
                    signup_date: *signup_date,
                    country: country.as_deref(),
                })
            }
        }
    }
}

fn encode_purchase(purchase: &Purchase<'_>, out: &mut Vec<u8>) {
    out.push(TAG_PURCHASE);
    put_signed(out, purchase.purchased_at.0);
    put_signed(out, purchase.amount_cents);
    put_texts(out, &[purchase.purchase_id, purchase.customer_id, purchase.product]);
}

fn encode_customer(customer: &Customer<'_>, out: &mut Vec<u8>) {
    out.push(TAG_CUSTOMER);
    put_text(out, customer.customer_id);
    put_optional_text(out, customer.name);
    put_optional_text(out, customer.email.as_deref());
    // 0 is no day, so days are kept one higher.
    put_varint(out, customer.signup_date.map_or(0, |day| u64::from(day.0) + 1));
    put_optional_text(out, customer.country);
}

/// Records of logic version 1, which may stand in a topic whose store is gone, have empty text where
/// nothing is known.
fn unless_empty(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0).filter(|text| !text.is_empty())
}

fn decode_day(stored: u64) -> Option<Day> {
    stored.checked_sub(1).map(|day| Day(day as u32))
}

#[derive(Serialize)]
struct PurchaseJson<'a> {
    kind: &'static str,
    purchase_id: &'a str,
    customer_id: &'a str,
    purchased_at: Moment,
    year: u32,
    month: Month,
    weekday: u32,
    amount_cents: i64,
    product: &'a str,
}

impl<'a> PurchaseJson<'a> {
    fn new(purchase: &Purchase<'a>) -> Self {
        let day = purchase.purchased_at.day();
        Self {
            kind: "purchase",
            purchase_id: purchase.purchase_id,
            customer_id: purchase.customer_id,
            purchased_at: purchase.purchased_at,
            year: day.to_civil().0,
            month: day.month(),
            weekday: day.weekday(),
            amount_cents: purchase.amount_cents,
            product: purchase.product,
        }
    }
}

#[derive(Serialize)]
struct CustomerJson<'a> {
    kind: &'static str,
    customer_id: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    signup_date: Option<Day>,
    country: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase() -> SilverEvent<'static> {
        SilverEvent::Purchase(Purchase {
            purchase_id: "1",
            customer_id: "7",
            purchased_at: Moment::parse("2024-03-01 14:03:22").unwrap(),
            amount_cents: 1250,
            product: "Souris",
        })
    }

    fn customer(country: Option<&'static str>) -> SilverEvent<'static> {
        SilverEvent::Customer(Customer {
            customer_id: "7",
            name: None,
            email: country.map(|_| Cow::Borrowed("a@b")),
            signup_date: country.and(Day::parse("1970-01-01")),
            country,
        })
    }

    #[test]
    fn the_compact_form_comes_back() {
        for event in [purchase(), customer(None), customer(Some("France"))] {
            let mut out = Vec::new();
            event.encode(&mut out);
            assert_eq!(SilverEvent::decode(&out), Ok(event));
        }
    }

    #[test]
    fn the_json_form_is_the_contracts() {
        let json = |event: SilverEvent<'_>| {
            let mut out = Vec::new();
            event.write_json(&mut out);
            assert_eq!(ParsedEvent::from_json(&out).unwrap().event(), event);
            let text = std::str::from_utf8(&out).unwrap();
            assert_eq!(ParsedEvent::any_event(text).unwrap().event(), event);
            // Else every purchase were read the slow way, and nobody saw it.
            let plain = ParsedEvent::plain_purchase(text);
            assert_eq!(plain.is_some(), matches!(event, SilverEvent::Purchase(_)));
            serde_json::from_slice::<serde_json::Value>(&out).unwrap()
        };
        assert_eq!(
            json(purchase()),
            serde_json::json!({"kind":"purchase","purchase_id":"1","customer_id":"7",
                "purchased_at":"2024-03-01T14:03:22","year":2024,"month":"2024-03","weekday":5,
                "amount_cents":1250,"product":"Souris"})
        );
        assert_eq!(
            json(customer(None)),
            serde_json::json!({"kind":"customer","customer_id":"7","name":null,"email":null,
                "signup_date":null,"country":null})
        );
        assert_eq!(
            json(customer(Some("\u{c9}t\"\n"))),
            serde_json::json!({"kind":"customer","customer_id":"7","name":null,"email":"a@b",
                "signup_date":"1970-01-01","country":"\u{c9}t\"\n"})
        );
    }

    #[test]
    fn empty_texts_of_an_older_version_are_read_as_null() {
        let old = br#"{"kind":"customer","customer_id":"7","name":"","email":"","signup_date":null,"country":null}"#;
        assert_eq!(ParsedEvent::from_json(old).unwrap().event(), customer(None));
    }
}
