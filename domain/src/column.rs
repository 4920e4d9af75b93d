//! The two kinds of input and their columns, with the names that they may bear.

use serde::{Deserialize, Serialize};

/// Number of columns of each kind.
pub const COLUMNS: usize = 5;

/// Which of the two files a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `clients.csv`, `customers.csv`.
    Customers,
    /// `achats.csv`, `purchases.csv`.
    Purchases,
}

/// The two names of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name that comes first: the defaults are French.
    pub french: &'static str,
    /// The same column in English.
    pub english: &'static str,
}

const fn column(french: &'static str, english: &'static str) -> Column {
    Column { french, english }
}

const CUSTOMER_COLUMNS: [Column; COLUMNS] = [
    column("id_client", "customer_id"),
    column("nom", "name"),
    column("email", "email"),
    column("date_inscription", "signup_date"),
    column("pays", "country"),
];

const PURCHASE_COLUMNS: [Column; COLUMNS] = [
    column("id_achat", "purchase_id"),
    column("id_client", "customer_id"),
    column("date_achat", "purchased_at"),
    column("montant", "amount"),
    column("produit", "product"),
];

impl Kind {
    /// Both kinds, customers first.
    pub const ALL: [Self; 2] = [Self::Customers, Self::Purchases];

    /// The word used in topics, reasons and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Purchases => "purchases",
        }
    }

    /// The columns in canonical order; the first is the row's id.
    #[must_use]
    pub const fn columns(self) -> &'static [Column; COLUMNS] {
        match self {
            Self::Customers => &CUSTOMER_COLUMNS,
            Self::Purchases => &PURCHASE_COLUMNS,
        }
    }

    /// Whether this is the name of one of the columns, in either language and any case.
    #[must_use]
    pub fn names_column(self, text: &str) -> bool {
        let names = self.columns().iter().flat_map(|column| [column.french, column.english]);
        names.into_iter().any(|name| name.eq_ignore_ascii_case(text))
    }

    /// The index of the column that bears this name in either language, and whether it is the English one.
    #[must_use]
    pub fn find_column(self, name: &str) -> Option<(usize, Language)> {
        self.columns().iter().enumerate().find_map(|(index, column)| {
            if column.french == name {
                Some((index, Language::French))
            } else if column.english == name {
                Some((index, Language::English))
            } else {
                None
            }
        })
    }
}

/// The language of a column's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `montant`
    French,
    /// `amount`
    English,
}

/// Which of the columns bear their English name, one bit a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Names(pub u8);

impl Names {
    /// Notes the language of one column.
    pub fn set(&mut self, index: usize, language: Language) {
        if language == Language::English {
            self.0 |= 1 << index;
        }
    }

    /// The name of the column at `index`.
    #[must_use]
    pub fn name(self, kind: Kind, index: usize) -> &'static str {
        let column = &kind.columns()[index];
        if self.0 >> index & 1 == 1 { column.english } else { column.french }
    }
}
