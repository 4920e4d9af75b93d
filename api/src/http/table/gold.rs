//! The columns of the gold tables and of the totals, in the order of the contract.

use super::column::{Cell, Column, Kind, Table};
use super::tabular::Tabular;
use crate::countries::code_of;
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport, Summary,
};
use goldstream_domain::gold::weekday::WeekdayReport;
use goldstream_domain::moment::{Day, Moment, Month};
use serde::Serialize;
use std::borrow::Cow;

const ORDERS: &str = "accepted purchases";
const REVENUE: &str = "their sum";
const AVERAGE: &str = "revenue per order, rounded half to even; null without orders";

impl Tabular for CustomerReport {
    const TABLE: &'static Table<Self> = &Table {
        name: "customers",
        schema: "Customer",
        about: "a customer, known by a row of his own or by his purchases alone",
        columns: &[
            Column::always("customer_id", Kind::Text, "the key", |row| {
                Cell::Text(Cow::Borrowed(&row.customer_id))
            }),
            Column::always("known", Kind::Flag, "whether he has a row of his own", |row| {
                Cell::Flag(row.known)
            }),
            Column::nullable("name", Kind::Text, "as in his latest version", |row| {
                Cell::text(row.name.as_deref())
            }),
            Column::nullable("email", Kind::Text, "as in his latest version, lower case", |row| {
                Cell::text(row.email.as_deref())
            }),
            Column::nullable("signup_date", Kind::Day, "as in his latest version", |row| {
                row.signup_date.map_or(Cell::Null, Cell::Day)
            }),
            Column::nullable("country", Kind::Text, "as in his latest version", |row| {
                Cell::text(row.country.as_deref())
            }),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
            Column::nullable("average_cents", Kind::Integer, AVERAGE, |row| {
                Cell::integer(row.average_cents)
            }),
            Column::nullable("first_purchase", Kind::Moment, "earliest", |row| {
                Cell::moment(row.first_purchase)
            }),
            Column::nullable("last_purchase", Kind::Moment, "latest", |row| {
                Cell::moment(row.last_purchase)
            }),
        ],
        default_sort: "-revenue_cents",
        example: || Self {
            customer_id: "17850".into(),
            known: true,
            name: Some("Anne Dupont".into()),
            email: Some("anne.dupont@shop.example".into()),
            signup_date: Day::from_civil(2023, 11, 2),
            country: Some("France".into()),
            orders: 3,
            revenue_cents: 12_750,
            average_cents: Some(4_250),
            first_purchase: Moment::from_civil((2024, 1, 9), (18, 30, 5)),
            last_purchase: Moment::from_civil((2024, 3, 1), (14, 3, 22)),
        },
    };
}

impl Tabular for ProductReport {
    const TABLE: &'static Table<Self> = &Table {
        name: "products",
        schema: "Product",
        about: "a product",
        columns: &[
            Column::always("product", Kind::Text, "the key", |row| {
                Cell::Text(Cow::Borrowed(&row.product))
            }),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
            Column::nullable("average_cents", Kind::Integer, AVERAGE, |row| {
                Cell::integer(row.average_cents)
            }),
            Column::always("min_cents", Kind::Integer, "smallest amount", |row| {
                Cell::Integer(row.min_cents)
            }),
            Column::always("max_cents", Kind::Integer, "largest amount", |row| {
                Cell::Integer(row.max_cents)
            }),
        ],
        default_sort: "-revenue_cents",
        example: || Self {
            product: "Souris".into(),
            orders: 2,
            revenue_cents: 2_500,
            average_cents: Some(1_250),
            min_cents: 1_000,
            max_cents: 1_500,
        },
    };
}

impl Tabular for MonthReport {
    const TABLE: &'static Table<Self> = &Table {
        name: "months",
        schema: "Month",
        about: "a month with purchases",
        columns: &[
            Column::always("month", Kind::Month, "the key", |row| Cell::Month(row.month)),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
            Column::nullable("average_basket_cents", Kind::Integer, AVERAGE, |row| {
                Cell::integer(row.average_basket_cents)
            }),
            Column::always("customers", Kind::Integer, "distinct customers who bought", |row| {
                Cell::count(row.customers)
            }),
        ],
        default_sort: "month",
        example: || Self {
            month: Month(650),
            orders: 3,
            revenue_cents: 12_750,
            average_basket_cents: Some(4_250),
            customers: 2,
        },
    };
}

impl Tabular for DayReport {
    const TABLE: &'static Table<Self> = &Table {
        name: "days",
        schema: "Day",
        about: "a day with purchases",
        columns: &[
            Column::always("day", Kind::Day, "the key", |row| Cell::Day(row.day)),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
        ],
        default_sort: "day",
        example: || Self { day: Day(19_783), orders: 3, revenue_cents: 12_750 },
    };
}

impl Tabular for WeekdayReport {
    const TABLE: &'static Table<Self> = &Table {
        name: "weekdays",
        schema: "Weekday",
        about: "an hour of the week, with or without purchases",
        columns: &[
            Column::always("weekday", Kind::Integer, "1 is Monday, 7 is Sunday", |row| {
                Cell::count(row.weekday.into())
            }),
            Column::always("hour", Kind::Integer, "0 to 23, of the shop's wall clock", |row| {
                Cell::count(row.hour.into())
            }),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
        ],
        default_sort: "weekday",
        example: || Self { weekday: 5, hour: 14, orders: 3, revenue_cents: 12_750 },
    };

    /// Weekday and hour together.
    fn key(&self) -> Cell<'_> {
        Cell::count(self.of_week().into())
    }
}

const COUNTRY: &str =
    "a country with purchases; null is that of customers whose country is not known";
const COUNTRY_KEY: &str = "the key; null for the unknown one";
const COUNTRY_BUYERS: &str = "distinct customers who bought";

impl Tabular for CountryReport {
    const TABLE: &'static Table<Self> = &Table {
        name: "countries",
        schema: "Country",
        about: COUNTRY,
        columns: &[
            Column::nullable("country", Kind::Text, COUNTRY_KEY, |row| {
                Cell::text(row.country.as_deref())
            }),
            Column::always("buyers", Kind::Integer, COUNTRY_BUYERS, |row| Cell::count(row.buyers)),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
            Column::nullable("average_basket_cents", Kind::Integer, AVERAGE, |row| {
                Cell::integer(row.average_basket_cents)
            }),
            Column::nullable(
                "code",
                Kind::Text,
                "of ISO 3166-1, two letters; null where the name is not known to be one country's",
                |row| Cell::text(row.country.as_deref().and_then(code_of)),
            ),
        ],
        default_sort: "-revenue_cents",
        example: || Self {
            country: Some("France".into()),
            buyers: 2,
            orders: 3,
            revenue_cents: 12_750,
            average_basket_cents: Some(4_250),
        },
    };
}

/// A country as it stands in gold, which knows its name and no code.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct GoldCountry(pub(crate) CountryReport);

impl Tabular for GoldCountry {
    const TABLE: &'static Table<Self> = &Table {
        name: "countries",
        schema: "GoldCountry",
        about: COUNTRY,
        columns: &[
            Column::nullable("country", Kind::Text, COUNTRY_KEY, |row| {
                Cell::text(row.0.country.as_deref())
            }),
            Column::always("buyers", Kind::Integer, COUNTRY_BUYERS, |row| {
                Cell::count(row.0.buyers)
            }),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.0.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.0.revenue_cents)
            }),
            Column::nullable("average_basket_cents", Kind::Integer, AVERAGE, |row| {
                Cell::integer(row.0.average_basket_cents)
            }),
        ],
        default_sort: "-revenue_cents",
        example: || Self((CountryReport::TABLE.example)()),
    };
}

impl Tabular for Summary {
    const TABLE: &'static Table<Self> = &Table {
        name: "summary",
        schema: "Summary",
        about: "the totals",
        columns: &[
            Column::always(
                "customers",
                Kind::Integer,
                "customers with a row of their own",
                |row| Cell::count(row.customers),
            ),
            Column::always("buyers", Kind::Integer, "customers who bought", |row| {
                Cell::count(row.buyers)
            }),
            Column::always("products", Kind::Integer, "products that were bought", |row| {
                Cell::count(row.products)
            }),
            Column::always("countries", Kind::Integer, "without the unknown one", |row| {
                Cell::count(row.countries)
            }),
            Column::always("orders", Kind::Integer, ORDERS, |row| Cell::count(row.orders)),
            Column::always("revenue_cents", Kind::Integer, REVENUE, |row| {
                Cell::Integer(row.revenue_cents)
            }),
            Column::nullable("average_basket_cents", Kind::Integer, AVERAGE, |row| {
                Cell::integer(row.average_basket_cents)
            }),
            Column::nullable(
                "average_customer_value_cents",
                Kind::Integer,
                "revenue per customer with a row of his own; null without any",
                |row| Cell::integer(row.average_customer_value_cents),
            ),
        ],
        default_sort: "customers",
        example: || Self {
            customers: 2,
            buyers: 2,
            products: 1,
            countries: 1,
            orders: 3,
            revenue_cents: 12_750,
            average_basket_cents: Some(4_250),
            average_customer_value_cents: Some(6_375),
        },
    };
}
