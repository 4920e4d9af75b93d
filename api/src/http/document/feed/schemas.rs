//! What stands in messages: views as they are asked for, shown and changed.

use super::super::super::table::Tabular;
use super::super::schema::{Part, array, instant, named, nullable, object, of, text};
use crate::limits::{PURCHASES_TOP_MAX, TOP_DEFAULT, TOP_MAX};
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport, Summary,
};
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// The views whose rows have keys: name, schema of a row, schema of a key.
fn tables() -> [(&'static str, Part, Part); 7] {
    let key = || text("the key");
    [
        ("customers", named(CustomerReport::TABLE.schema), key()),
        ("products", named(ProductReport::TABLE.schema), key()),
        ("months", named(MonthReport::TABLE.schema), key()),
        ("days", named(DayReport::TABLE.schema), key()),
        ("countries", named(CountryReport::TABLE.schema), nullable(Type::String, "the key")),
        ("purchases", named("Purchase"), key()),
        ("alerts", named("Alert"), key()),
    ]
}

/// The views that are one object.
fn objects() -> [(&'static str, Part); 3] {
    [
        ("summary", named(Summary::TABLE.schema)),
        ("accounting", named("Accounting")),
        ("status", named("Status")),
    ]
}

/// All of them by name.
pub(super) fn views() -> Vec<(&'static str, Part)> {
    let about = "by name, those that the subscription asks for";
    let mut shown = of(Type::Object).description(Some(about));
    let about =
        "by name, those that changed; none of them in the first frame where nothing was missed";
    let mut changed = of(Type::Object).description(Some(about));
    for (name, schema) in objects() {
        shown = shown.property(name, schema.clone());
        changed = changed.property(name, schema);
    }
    for (name, row, key) in tables() {
        shown = shown.property(name, array(row.clone()));
        changed = changed.property(name, changes(row, key));
    }
    vec![
        ("Purchase", purchase()),
        ("SnapshotViews", shown.into()),
        ("SubscribedViews", subscribed()),
        ("UpdateViews", changed.into()),
    ]
}

fn changes(row: Part, key: Part) -> ObjectBuilder {
    object(
        "changed rows, whole, and the keys of those that are gone",
        [("upsert", array(row)), ("delete", array(key))],
    )
}

fn rows_up_to(max: usize) -> ObjectBuilder {
    of(Type::Integer).minimum(Some(1)).maximum(Some(max as u64))
}

fn top(max: usize) -> Part {
    let top = rows_up_to(max).default(Some(json!(TOP_DEFAULT)));
    top.description(Some("how many rows")).into()
}

fn subscribed() -> Part {
    let country = nullable(Type::String, "of this country only; null is the unknown one");
    let customers = of(Type::Object).property("top", top(TOP_MAX)).property("country", country);
    let purchases = of(Type::Object).property("top", top(PURCHASES_TOP_MAX));
    let every = "how many rows, the largest revenue first; every row where it is not given";
    let products = of(Type::Object).property("top", rows_up_to(TOP_MAX).description(Some(every)));
    let about = "by name, at least one, with its options";
    let names = objects().map(|(name, _)| name).into_iter();
    let names = names.chain(tables().map(|(name, ..)| name));
    let views = names.fold(of(Type::Object).description(Some(about)), |views, name| {
        views.property(name, of(Type::Object))
    });
    let views = views.property("customers", customers).property("products", products);
    views.property("purchases", purchases).into()
}

fn purchase() -> Part {
    object(
        "an accepted purchase",
        [
            ("purchase_id", text("the key")),
            ("customer_id", text("who bought")),
            ("purchased_at", text("when, local wall time of the shop")),
            ("amount_cents", of(Type::Integer).description(Some("for how much, in cents")).into()),
            ("product", text("what")),
            ("country", nullable(Type::String, "the customer's, null where it is not known")),
            ("ingested_at", instant("when bronze took it in")),
        ],
    )
    .examples([json!({
        "purchase_id": "1", "customer_id": "7", "purchased_at": "2024-03-01T14:03:22",
        "amount_cents": 1250, "product": "Souris", "country": "France",
        "ingested_at": "2024-03-01T13:03:22.120Z",
    })])
    .into()
}
