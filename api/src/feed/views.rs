//! How each view is read from the state: whole, or as what changed.

use super::beside::{Beside, Seen};
use super::message::{RowChanges, Views};
use super::view::{CustomersTop, FeedView};
use super::window::Window;
use crate::alerting::Alert;
use crate::countries::code_of;
use crate::limits::WINDOWS_MAX;
use crate::view::ranked::{Order, together};
use crate::view::state::State;
use goldstream_domain::gold::merge::ProductSales;
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport,
};
use goldstream_domain::gold::rows::{CustomerId, CustomerRow};
use goldstream_platform::clock::rfc3339;
use goldstream_platform::store::AcceptedPurchase;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

type Customers = Window<CustomerId, Arc<CustomerRow>>;
type Products = Window<Arc<str>, ProductSales>;
type Purchases = Window<Arc<str>, Arc<AcceptedPurchase>>;

/// All windows that somebody looks through.
#[derive(Debug, Default)]
pub(super) struct Windows {
    customers: HashMap<CustomersTop, Customers>,
    products: HashMap<usize, Products>,
    purchases: HashMap<usize, Purchases>,
}

impl Windows {
    fn customers(&mut self, of: &CustomersTop, state: &State) -> &mut Customers {
        if self.customers.len() >= WINDOWS_MAX && !self.customers.contains_key(of) {
            // Who looks through one of them gets a snapshot next.
            self.customers.clear();
        }
        let version = state.stamp().version;
        let fresh = || top_customers(of, state);
        let window =
            self.customers.entry(of.clone()).or_insert_with(|| Window::new(version, fresh()));
        window.look(version, fresh());
        window
    }

    fn products(&mut self, top: usize, state: &State) -> &mut Products {
        if self.products.len() >= WINDOWS_MAX && !self.products.contains_key(&top) {
            self.products.clear();
        }
        let version = state.stamp().version;
        let fresh = || top_products(top, state);
        let window = self.products.entry(top).or_insert_with(|| Window::new(version, fresh()));
        window.look(version, fresh());
        window
    }

    fn purchases(&mut self, top: usize, state: &State) -> &mut Purchases {
        let version = state.stamp().version;
        let fresh = || last_purchases(top, state);
        let window = self.purchases.entry(top).or_insert_with(|| Window::new(version, fresh()));
        window.look(version, fresh());
        window
    }
}

fn top_customers<'a>(
    of: &CustomersTop,
    state: &'a State,
) -> Box<dyn Iterator<Item = (CustomerId, Arc<CustomerRow>)> + 'a> {
    let Some(ranking) = state.ranking() else { return Box::new(std::iter::empty()) };
    let orders = match &of.country {
        None => vec![ranking.customers().order()],
        Some(country) => ranking.customers_like(country.as_deref()),
    };
    Box::new(together(orders.into_iter().map(Order::rows), of.top).into_iter())
}

fn top_products(top: usize, state: &State) -> impl Iterator<Item = (Arc<str>, ProductSales)> {
    let rows = state.ranking().into_iter().flat_map(move |it| it.products().order().top(top));
    rows.map(|(product, row)| (Arc::clone(product), *row))
}

fn last_purchases(
    top: usize,
    state: &State,
) -> impl Iterator<Item = (Arc<str>, Arc<AcceptedPurchase>)> {
    state.last_purchases().take(top).map(|it| (Arc::clone(&it.purchase_id), Arc::clone(it)))
}

/// A purchase as readers get it.
#[derive(Serialize)]
struct PurchaseReport<'a> {
    purchase_id: &'a str,
    customer_id: &'a str,
    purchased_at: goldstream_domain::moment::Moment,
    amount_cents: i64,
    product: &'a str,
    country: Option<&'a str>,
    ingested_at: String,
}

fn purchase(of: &AcceptedPurchase) -> PurchaseReport<'_> {
    PurchaseReport {
        purchase_id: &of.purchase_id,
        customer_id: &of.customer_id,
        purchased_at: of.purchased_at,
        amount_cents: of.amount_cents,
        product: &of.product,
        country: of.country.as_deref(),
        ingested_at: rfc3339(of.ingested_at_ms),
    }
}

/// A country as readers get it.
#[derive(Serialize)]
struct CodedCountry {
    #[serde(flatten)]
    of: CountryReport,
    code: Option<&'static str>,
}

fn country(of: CountryReport) -> CodedCountry {
    let code = of.country.as_deref().and_then(code_of);
    CodedCountry { of, code }
}

type Bodies = BTreeMap<&'static str, Box<RawValue>>;

fn json(body: &impl Serialize) -> Box<RawValue> {
    // Everything that is shown has a JSON form.
    to_raw_value(body).unwrap_or_else(|error| {
        tracing::error!(%error, "a view has no JSON form");
        RawValue::NULL.to_owned()
    })
}

fn views(bodies: &Bodies) -> Views {
    Views(Arc::from(json(bodies)))
}

/// No view.
pub(super) fn nothing() -> Views {
    views(&Bodies::new())
}

/// Everything that these views show. A status that was never told is left out: it comes with an update.
pub(super) fn whole(
    wanted: &[FeedView],
    state: &State,
    windows: &mut Windows,
    beside: &Beside,
) -> Views {
    let mut body = |view: &FeedView| {
        Some(match view {
            FeedView::Summary => json(state.summary()),
            FeedView::Accounting => json(state.accounting()),
            FeedView::Customers(of) => {
                let rows = windows.customers(of, state).rows();
                json(&rows.map(|row| CustomerReport::new(row)).collect::<Vec<_>>())
            }
            FeedView::Products { top: None } => json(&state.products().collect::<Vec<_>>()),
            FeedView::Products { top: Some(top) } => {
                let rows = windows.products(*top, state).keyed();
                json(&rows.map(|(key, row)| ProductReport::new(key, row)).collect::<Vec<_>>())
            }
            FeedView::Months => json(&state.months().collect::<Vec<_>>()),
            FeedView::Days => json(&state.days().collect::<Vec<_>>()),
            FeedView::Countries => {
                json(&state.countries().into_iter().map(country).collect::<Vec<_>>())
            }
            FeedView::Purchases { top } => {
                let rows = windows.purchases(*top, state).rows();
                json(&rows.map(|row| purchase(row)).collect::<Vec<_>>())
            }
            FeedView::Status => beside.status.body.as_deref()?.to_owned(),
            FeedView::Alerts => json(&beside.alerts.window.rows().collect::<Vec<_>>()),
        })
    };
    views(&wanted.iter().filter_map(|view| Some((view.name(), body(view)?))).collect())
}

/// What the views changed by, and when bronze took in the oldest row behind it.
#[derive(Debug)]
pub(super) struct Delta {
    pub(super) views: Views,
    count: usize,
    pub(super) ingested_at_ms: Option<i64>,
}

impl Delta {
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// What changed in these views after what was seen, whose version the state must know; none where a
/// window does not know it.
pub(super) fn since(
    wanted: &[FeedView],
    state: &State,
    windows: &mut Windows,
    beside: &Beside,
    seen: Seen,
) -> Option<Delta> {
    if !knows(wanted, state, windows, seen.version) {
        return None;
    }
    let mut bodies = Bodies::new();
    let mut ingested_at_ms = None;
    for view in wanted {
        let Some(body) = changes(view, state, windows, beside, seen) else { continue };
        bodies.insert(view.name(), body);
        let ingested = ingested_since(view, state, seen.version);
        ingested_at_ms = [ingested_at_ms, ingested].into_iter().flatten().min();
    }
    Some(Delta { views: views(&bodies), count: bodies.len(), ingested_at_ms })
}

/// Whether the windows of these views know all changes since `version`.
fn knows(wanted: &[FeedView], state: &State, windows: &mut Windows, version: u64) -> bool {
    wanted.iter().all(|view| match view {
        FeedView::Customers(of) => windows.customers(of, state).knows_since(version),
        FeedView::Products { top: Some(top) } => windows.products(*top, state).knows_since(version),
        FeedView::Purchases { top } => windows.purchases(*top, state).knows_since(version),
        _ => true,
    })
}

fn changes(
    view: &FeedView,
    state: &State,
    windows: &mut Windows,
    beside: &Beside,
    seen: Seen,
) -> Option<Box<RawValue>> {
    let version = seen.version;
    let Beside { status, alerts } = beside;
    match view {
        FeedView::Summary => state.summary_changed_since(version).then(|| json(state.summary())),
        FeedView::Accounting => {
            state.accounting_changed_since(version).then(|| json(state.accounting()))
        }
        FeedView::Customers(of) => {
            rows(windows.customers(of, state).since(version), |row: &Arc<CustomerRow>| {
                CustomerReport::new(row)
            })
        }
        FeedView::Products { top: None } => {
            rows(state.products_since(version), |row: ProductReport| row)
        }
        FeedView::Products { top: Some(top) } => {
            let changed = windows.products(*top, state).since(version);
            rows(changed.map(|(key, row)| (key, row.map(|row| (key, row)))), |(key, row)| {
                ProductReport::new(key, row)
            })
        }
        FeedView::Months => rows(state.months_since(version), |row: MonthReport| row),
        FeedView::Days => rows(state.days_since(version), |row: DayReport| row),
        FeedView::Countries => rows(state.countries_since(version), country),
        FeedView::Purchases { top } => {
            rows(windows.purchases(*top, state).since(version), |row: &Arc<AcceptedPurchase>| {
                purchase(row)
            })
        }
        FeedView::Status if status.number == seen.status => None,
        FeedView::Status => status.body.as_deref().map(ToOwned::to_owned),
        FeedView::Alerts => rows(alerts.window.since(seen.alerts), |row: &Alert| row.clone()),
    }
}

/// Changed rows and the keys of those that are gone; none where there are neither.
fn rows<K: Serialize, R, S: Serialize>(
    changed: impl Iterator<Item = (K, Option<R>)>,
    report: impl Fn(R) -> S,
) -> Option<Box<RawValue>> {
    let mut changes = RowChanges { upsert: Vec::new(), delete: Vec::new() };
    for (key, row) in changed {
        match row {
            Some(row) => changes.upsert.push(report(row)),
            None => changes.delete.push(key),
        }
    }
    let is_empty = changes.upsert.is_empty() && changes.delete.is_empty();
    (!is_empty).then(|| json(&changes))
}

/// When bronze took in the oldest row that may have moved this view after `version`.
fn ingested_since(view: &FeedView, state: &State, version: u64) -> Option<i64> {
    let gold = state.gold_ingested_since(version);
    match view {
        // It moves with time, too.
        FeedView::Status | FeedView::Alerts => None,
        // It moves with both stages: the older of the two, where there are two.
        FeedView::Accounting => {
            [gold, state.silver_ingested_since(version)].into_iter().flatten().min()
        }
        _ => gold,
    }
}
