//! The currency of a shop's amounts: how they are called, for people. It changes no figure and converts none.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A code of ISO 4217: `EUR`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(String);

/// It is none.
#[derive(Debug, thiserror::Error)]
#[error("a currency is given by the three letters of its code, as EUR or GBP, not {0:?}")]
pub struct NoCurrency(String);

impl Default for Currency {
    fn default() -> Self {
        Self("EUR".to_owned())
    }
}

impl FromStr for Currency {
    type Err = NoCurrency;

    fn from_str(text: &str) -> Result<Self, NoCurrency> {
        let code = text.trim().to_ascii_uppercase();
        let is_code = code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase());
        if is_code { Ok(Self(code)) } else { Err(NoCurrency(text.to_owned())) }
    }
}

impl TryFrom<String> for Currency {
    type Error = NoCurrency;

    fn try_from(text: String) -> Result<Self, NoCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::of_file;
    use super::*;
    use crate::settings::{Given, Settings};

    #[test]
    fn a_currency_is_three_letters_and_the_euro_where_none_is_given() {
        for (text, code) in [("GBP", "GBP"), ("chf", "CHF"), (" Usd ", "USD")] {
            assert_eq!(text.parse::<Currency>().unwrap().to_string(), code);
        }
        for text in ["", "€", "EURO", "E1R", "EU", "éur"] {
            let refused = text.parse::<Currency>().unwrap_err().to_string();
            assert!(refused.contains("as EUR or GBP"), "{refused}");
        }
        let settings = |given: Given| Settings::resolve(given, None).unwrap().currency.to_string();
        assert_eq!(settings(Given::default()), "EUR");
        assert_eq!(settings(Given { currency: "NOK".parse().ok(), ..Given::default() }), "NOK");
    }

    #[test]
    fn the_file_names_one_too_and_nothing_else_in_its_place() {
        let settings = of_file("currency = \"gbp\"\n").unwrap();
        assert_eq!(settings.currency.to_string(), "GBP");
        let refused = of_file("currency = \"pounds\"\n").unwrap_err().to_string();
        assert!(refused.contains("pounds") && refused.contains("line 1"), "{refused}");
    }
}
