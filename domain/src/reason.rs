//! Why a row ends in the quarantine.

use crate::column::Kind;
use serde::{Deserialize, Serialize};

/// The first rule that a row fails, in the order in which the rules are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No row of its kind: wrong number of fields, not a flat JSON object, too long.
    Malformed,
    /// A purchase without id.
    MissingPurchaseId,
    /// A record in another partition than its id's.
    Misrouted,
    /// No customer id.
    MissingCustomerId,
    /// A purchase without product.
    MissingProduct,
    /// A date that cannot be read, or lies too far ahead of the row's ingestion.
    BadDate,
    /// An amount that is no number, or above the limit.
    BadAmount,
    /// An amount of zero or less.
    NonPositiveAmount,
    /// The id of another purchase, with other content.
    ConflictingDuplicate,
    /// A header once more, amid the rows.
    RepeatedHeader,
}

impl Reason {
    /// All reasons, in the order of the rules, but for the last: it is tried right after the first.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::MissingPurchaseId,
        Self::Misrouted,
        Self::MissingCustomerId,
        Self::MissingProduct,
        Self::BadDate,
        Self::BadAmount,
        Self::NonPositiveAmount,
        Self::ConflictingDuplicate,
        Self::RepeatedHeader,
    ];

    /// The number by which stored forms know it. It never changes, and that of a reason that is gone is not given
    /// again.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Malformed => 0,
            Self::MissingPurchaseId => 1,
            Self::Misrouted => 2,
            Self::MissingCustomerId => 3,
            Self::MissingProduct => 4,
            Self::BadDate => 5,
            Self::BadAmount => 6,
            Self::NonPositiveAmount => 7,
            Self::ConflictingDuplicate => 8,
            Self::RepeatedHeader => 9,
        }
    }

    /// The reason of that number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }

    /// The code used in records, counts and filters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::MissingPurchaseId => "missing_purchase_id",
            Self::Misrouted => "misrouted",
            Self::MissingCustomerId => "missing_customer_id",
            Self::MissingProduct => "missing_product",
            Self::BadDate => "bad_date",
            Self::BadAmount => "bad_amount",
            Self::NonPositiveAmount => "non_positive_amount",
            Self::ConflictingDuplicate => "conflicting_duplicate",
            Self::RepeatedHeader => "repeated_header",
        }
    }

    /// The key under which the accounting counts it: `purchases.bad_date`.
    #[must_use]
    pub fn account(self, kind: Kind) -> String {
        format!("{}.{}", kind.name(), self.code())
    }

    /// Kind and reason of such a key.
    #[must_use]
    pub fn of_account(account: &str) -> Option<(Kind, Self)> {
        let (kind, code) = account.split_once('.')?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
        let reason = Self::ALL.into_iter().find(|known| known.code() == code)?;
        Some((kind, reason))
    }
}

/// A refused row: the reason, and a detail for the person who mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The first rule that failed.
    pub reason: Reason,
    /// What was found.
    pub detail: String,
}

impl Rejection {
    /// A rejection with its detail.
    #[must_use]
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_reason_has_a_number_of_its_own_and_is_found_by_it() {
        let numbers: BTreeSet<_> = Reason::ALL.map(Reason::number).into_iter().collect();
        assert_eq!(numbers.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::of_number(reason.number()), Some(reason));
        }
        assert_eq!(Reason::of_number(200), None);
    }
}
