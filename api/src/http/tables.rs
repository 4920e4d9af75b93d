//! The gold tables as lists: which rows a request means, and how they are found quickly.

use super::days::Days;
use super::lists::{Filter, Listed, Selected, Wanted, Weight};
use super::problem::Problem;
use super::query::Parameters;
use super::search::Search;
use super::table::Cell;
use super::table::gold::GoldCountry;
use super::table::sort::Place;
use crate::fold::{fold, fold_name};
use crate::view::View;
use crate::view::ranked::{CountryOrder, Order, Ranks, together};
use crate::view::state::Stamp;
use goldstream_domain::gold::merge::{CustomerSales, ProductSales};
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport,
};
use goldstream_domain::gold::rows::{CustomerId, CustomerRow};
use goldstream_domain::moment::{Day, Month};
use std::cmp::Reverse;
use std::sync::Arc;

/// The first who asks for rows in order waits until they are sorted.
pub(super) fn when_ranked(view: &View) -> Weight {
    let is_ranked = view.read(|state| state.ranking().is_some());
    if is_ranked { Weight::Light } else { Weight::Heavy }
}

/// Which customers are meant.
pub(super) struct Customers {
    /// Of this country, whatever its case and accents; null is the unknown one.
    country: Option<Option<String>>,
    search: Option<Search>,
}

impl Filter for Customers {
    fn take(parameters: &mut Parameters) -> Result<Self, Problem> {
        // No country has an empty name, so that asks for customers without one.
        let known = |name: String| (!name.is_empty()).then_some(name);
        let country = parameters.take("country").map(known);
        let search = parameters.take("search").map(|text| Search::new(&text));
        Ok(Self { country, search })
    }
}

impl Listed for CustomerReport {
    type Filter = Customers;

    fn weight(view: &View, filter: &Customers, wanted: &Wanted<Self>) -> Weight {
        let is_page = wanted.sort.is_default() && wanted.limit.is_some();
        if is_page && filter.search.is_none() { when_ranked(view) } else { Weight::Heavy }
    }

    fn find_weight(view: &View) -> Weight {
        when_ranked(view)
    }

    fn select(view: &View, filter: &Customers, wanted: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        let is_ordered = wanted.sort.is_default();
        let count = if is_ordered && filter.search.is_none() { wanted.count() } else { usize::MAX };
        let after = if is_ordered { wanted.after.as_ref() } else { None };
        let (stamp, rows) = view.read_ranked(|state, ranking| {
            let orders = match &filter.country {
                None => vec![ranking.customers().order()],
                Some(country) => ranking.customers_like(country.as_deref()),
            };
            (state.stamp(), behind(&orders, after, count))
        });
        // Customers are many and shared: they are looked at while writers go on.
        let is_found =
            |row: &Arc<CustomerRow>| filter.search.as_ref().is_none_or(|search| search.finds(row));
        let count = if is_ordered { wanted.count() } else { usize::MAX };
        let found = rows.into_iter().filter(is_found).take(count);
        let rows = found.map(|row| Self::new(&row)).collect();
        let selected = if is_ordered { Selected::Ordered } else { Selected::Unordered };
        (stamp, selected(rows))
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        view.read_ranked(|state, ranking| {
            let row = ranking.customers().get(&CustomerId::new(key));
            (state.stamp(), row.map(|row| Self::new(row)))
        })
    }
}

fn behind(
    orders: &[&CountryOrder],
    after: Option<&Place<'_>>,
    count: usize,
) -> Vec<Arc<CustomerRow>> {
    let orders = orders.iter().map(|order| rows_behind(order, after, |key| CustomerId::new(key)));
    together(orders, count).into_iter().map(|(_, row)| row).collect()
}

/// The rows behind a cursor's place, or all.
fn rows_behind<'a, K: Ord + Clone, R: Ranks>(
    order: &'a Order<K, R>,
    after: Option<&Place<'_>>,
    key: impl FnOnce(&str) -> K,
) -> Box<dyn Iterator<Item = (&'a K, &'a R)> + 'a> {
    match after {
        Some(Place { value: Cell::Integer(cents), key: Cell::Text(text) }) => {
            Box::new(order.after(&(Reverse(*cents), key(text))))
        }
        _ => Box::new(order.rows()),
    }
}

/// Which products are meant.
pub(super) struct Products {
    /// With this in their name, whatever its case and accents. Folded.
    search: Option<String>,
}

impl Filter for Products {
    fn take(parameters: &mut Parameters) -> Result<Self, Problem> {
        Ok(Self { search: parameters.take("search").map(|text| fold_name(&text)) })
    }
}

impl Listed for ProductReport {
    type Filter = Products;

    fn weight(view: &View, filter: &Products, wanted: &Wanted<Self>) -> Weight {
        let is_page = wanted.sort.is_default() && wanted.limit.is_some();
        if is_page && filter.search.is_none() { when_ranked(view) } else { Weight::Heavy }
    }

    fn select(view: &View, filter: &Products, wanted: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        // Folding every name takes long: it is done while writers go on.
        let is_meant = |(key, _): &(Arc<str>, ProductSales)| {
            filter.search.as_ref().is_none_or(|search| fold(key).contains(search.as_str()))
        };
        let owned = |(key, row): (&Arc<str>, &ProductSales)| (Arc::clone(key), *row);
        let report = |(key, row): (Arc<str>, ProductSales)| Self::new(&key, &row);
        if !wanted.sort.is_default() {
            let (stamp, rows): (_, Vec<_>) = view
                .read(|state| (state.stamp(), state.tables().products.iter().map(owned).collect()));
            let rows = rows.into_iter().filter(is_meant).map(report).collect();
            return (stamp, Selected::Unordered(rows));
        }
        let seen = if filter.search.is_none() { wanted.count() } else { usize::MAX };
        let (stamp, rows): (_, Vec<_>) = view.read_ranked(|state, ranking| {
            let order = ranking.products().order();
            let rows = rows_behind(order, wanted.after.as_ref(), |key| Arc::from(key));
            (state.stamp(), rows.take(seen).map(owned).collect())
        });
        let found = rows.into_iter().filter(is_meant).take(wanted.count());
        (stamp, Selected::Ordered(found.map(report).collect()))
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        view.read(|state| {
            let found = state.tables().products.get_key_value(key);
            (state.stamp(), found.map(|(key, of)| Self::new(key, of)))
        })
    }

    fn meant(view: &View, key: &str) -> Option<String> {
        let names = view.read(|state| {
            let names = state.tables().products.iter();
            names.map(|(name, of)| (Arc::clone(name), of.sales.revenue_cents)).collect()
        });
        largest_like(names, key)
    }
}

/// The one of these names that is meant by another case and other accents; of several the one of the
/// largest revenue, then the first in byte order.
fn largest_like(names: Vec<(Arc<str>, i64)>, asked: &str) -> Option<String> {
    let asked = fold_name(asked);
    let like = names.into_iter().filter(|(name, _)| fold(name) == asked);
    let largest = like.min_by_key(|(name, cents)| (Reverse(*cents), Arc::clone(name)));
    largest.map(|(name, _)| name.to_string())
}

impl Listed for MonthReport {
    type Filter = ();

    fn select(view: &View, (): &(), _: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        view.read(|state| {
            let rows = state.tables().months.iter().map(|(month, of)| Self::new(*month, of));
            (state.stamp(), Selected::Unordered(rows.collect()))
        })
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        view.read(|state| {
            let of = Month::parse(key).and_then(|it| Some((it, state.tables().months.get(&it)?)));
            (state.stamp(), of.map(|(month, of)| Self::new(month, of)))
        })
    }
}

impl Listed for DayReport {
    type Filter = Days;

    fn select(view: &View, filter: &Days, _: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        view.read(|state| {
            let from = state.tables().days.range(filter.from..);
            let range = from.take_while(|(day, _)| **day <= filter.to);
            let rows = range.map(|(day, sales)| Self::new(*day, sales));
            (state.stamp(), Selected::Unordered(rows.collect()))
        })
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        view.read(|state| {
            let of = Day::parse(key).and_then(|day| Some((day, state.tables().days.get(&day)?)));
            (state.stamp(), of.map(|(day, sales)| Self::new(day, sales)))
        })
    }
}

impl Listed for CountryReport {
    type Filter = ();

    fn select(view: &View, (): &(), _: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        view.read(|state| (state.stamp(), Selected::Unordered(state.countries())))
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        view.read(|state| {
            let country = Some(Arc::from(key));
            let of = state.tables().countries.get(&country);
            (state.stamp(), of.map(|of| Self::new(country.as_ref(), of)))
        })
    }

    fn meant(view: &View, key: &str) -> Option<String> {
        let names = view.read(|state| {
            let names = state.tables().countries.iter();
            let known = |(name, of): (&Option<Arc<str>>, &CustomerSales)| {
                Some((Arc::clone(name.as_ref()?), of.sales.revenue_cents))
            };
            names.filter_map(known).collect()
        });
        largest_like(names, key)
    }
}

/// The same rows without their codes: what `export` writes is gold and nothing else.
impl Listed for GoldCountry {
    type Filter = ();

    fn select(view: &View, (): &(), _: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        view.read(|state| {
            let rows = state.countries().into_iter().map(Self).collect();
            (state.stamp(), Selected::Unordered(rows))
        })
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        let (stamp, found) = CountryReport::find(view, key);
        (stamp, found.map(Self))
    }
}
