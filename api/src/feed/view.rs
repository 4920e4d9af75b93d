//! What can be subscribed to, with its options. Read here, shown in [`super::views`].

use crate::limits::{PURCHASES_TOP_MAX, TOP_DEFAULT, TOP_MAX};
use serde_json::Value;
use std::sync::Arc;

/// A view, and which part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FeedView {
    /// The totals.
    Summary,
    /// Every row's fate.
    Accounting,
    /// The customers of the largest revenue.
    Customers(CustomersTop),
    /// The products of the largest revenue.
    Products {
        /// How many; none is every product.
        top: Option<usize>,
    },
    /// All months.
    Months,
    /// All days.
    Days,
    /// All countries.
    Countries,
    /// The last accepted purchases.
    Purchases {
        /// How many.
        top: usize,
    },
    /// The stream itself.
    Status,
    /// What a person should know.
    Alerts,
}

/// Which customers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CustomersTop {
    /// How many.
    pub(crate) top: usize,
    /// Of this country only; a country that is null is the unknown one.
    pub(crate) country: Option<Option<Arc<str>>>,
}

/// The names of all views.
const NAMES: [&str; 10] = [
    "summary",
    "accounting",
    "customers",
    "products",
    "months",
    "days",
    "countries",
    "purchases",
    "status",
    "alerts",
];

impl FeedView {
    /// The name in messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Accounting => "accounting",
            Self::Customers(_) => "customers",
            Self::Products { .. } => "products",
            Self::Months => "months",
            Self::Days => "days",
            Self::Countries => "countries",
            Self::Purchases { .. } => "purchases",
            Self::Status => "status",
            Self::Alerts => "alerts",
        }
    }

    /// The view of this name with these options, the others ignored; none where there is no such view.
    pub(crate) fn read(name: &str, options: &Value) -> Option<Result<Self, String>> {
        Some(Ok(match name {
            "summary" => Self::Summary,
            "accounting" => Self::Accounting,
            "customers" => return Some(customers(options).map(Self::Customers)),
            "products" => return Some(products(options)),
            "months" => Self::Months,
            "days" => Self::Days,
            "countries" => Self::Countries,
            "purchases" => {
                return Some(top(options, PURCHASES_TOP_MAX).map(|top| Self::Purchases { top }));
            }
            "status" => Self::Status,
            "alerts" => Self::Alerts,
            _ => return None,
        }))
    }

    /// Whether it shows sums of many rows.
    pub(crate) const fn has_sums(&self) -> bool {
        !matches!(self, Self::Accounting | Self::Purchases { .. } | Self::Status | Self::Alerts)
    }

    /// Whether it is read from rows in order of rank.
    pub(crate) const fn is_ranked(&self) -> bool {
        matches!(self, Self::Customers(_) | Self::Products { top: Some(_) })
    }
}

/// Why a name is no view.
pub(crate) fn unknown(name: &str) -> String {
    format!("there is no view {name:.40}; there are {}", NAMES.join(", "))
}

fn customers(options: &Value) -> Result<CustomersTop, String> {
    let country = match options.get("country") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(country)) => Some(Some(Arc::from(country.as_str()))),
        Some(_) => return Err("country must be text, or null for the unknown one".to_owned()),
    };
    Ok(CustomersTop { top: top(options, TOP_MAX)?, country })
}

/// Every product where no number is given: clients from before it could be rely on that.
fn products(options: &Value) -> Result<FeedView, String> {
    let top = options.get("top").map(|_| top(options, TOP_MAX)).transpose()?;
    Ok(FeedView::Products { top })
}

fn top(options: &Value, max: usize) -> Result<usize, String> {
    let Some(value) = options.get("top") else { return Ok(TOP_DEFAULT) };
    let top = value.as_u64().and_then(|top| usize::try_from(top).ok());
    let top = top.filter(|top| (1..=max).contains(top));
    top.ok_or_else(|| format!("top must be a whole number from 1 to {max}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_name_is_a_view_and_back() {
        for name in NAMES {
            assert_eq!(FeedView::read(name, &json!({})).unwrap().unwrap().name(), name);
        }
        assert_eq!(FeedView::read("weather", &json!({})), None);
    }

    #[test]
    fn options_have_their_limits() {
        let customers = |options| FeedView::read("customers", &options).unwrap();
        let expected = CustomersTop { top: 100, country: None };
        assert_eq!(customers(json!({})), Ok(FeedView::Customers(expected)));
        let expected = CustomersTop { top: 1000, country: Some(None) };
        assert_eq!(
            customers(json!({ "top": 1000, "country": null, "later": [] })),
            Ok(FeedView::Customers(expected))
        );
        for bad in
            [json!({"top": 0}), json!({"top": 1001}), json!({"top": "5"}), json!({"country": 5})]
        {
            assert!(customers(bad.clone()).is_err(), "{bad}");
        }
        assert!(FeedView::read("purchases", &json!({ "top": 201 })).unwrap().is_err());
        let products = |options| FeedView::read("products", &options).unwrap();
        assert_eq!(products(json!({})), Ok(FeedView::Products { top: None }));
        assert_eq!(products(json!({ "top": 7 })), Ok(FeedView::Products { top: Some(7) }));
        assert!(products(json!({ "top": 1001 })).is_err());
    }
}
