//! The schemas that answers refer to by name.

use super::super::table::Tabular;
use super::super::table::gold::GoldCountry;
use super::super::table::records::{BronzeRecord, RefusedRow, SilverRecord};
use super::schema::{
    Part, array, count, counts, instant, named, nullable, number, object, of, one_of, or_null, row,
    text, version_members,
};
use super::sides::sides;
use super::{alerts, demo, forecast, ingest, lake, rebuild};
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport, Summary,
};
use goldstream_domain::gold::weekday::WeekdayReport;
use goldstream_platform::inputs::InputState;
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};

/// All of them by name.
pub(super) fn all() -> Vec<(&'static str, Part)> {
    let mut all = vec![
        table::<CustomerReport>(),
        table::<ProductReport>(),
        table::<MonthReport>(),
        table::<DayReport>(),
        table::<WeekdayReport>(),
        table::<CountryReport>(),
        table::<GoldCountry>(),
        table::<Summary>(),
        table::<RefusedRow>(),
        (BronzeRecord::TABLE.schema, bronze()),
        (SilverRecord::TABLE.schema, silver()),
        ("Accounting", accounting()),
        ("Gold", gold()),
        ("Status", status()),
        ("ShopTime", demo::shop_time()),
        ("Verdict", verdict()),
        ("Rebuild", rebuild::schema()),
        ("Lake", lake::schema()),
        ("Alert", alerts::alert()),
        ("Alerts", alerts::alerts()),
        ("Diff", rebuild::diff()),
        ("Problem", problem()),
    ];
    all.extend(forecast::all());
    all.extend(ingest::all());
    all.extend(v0());
    all
}

fn table<R: Tabular>() -> (&'static str, Part) {
    (R::TABLE.schema, row::<R>())
}

/// As JSON a record is what it was, whatever that is.
fn bronze() -> Part {
    of(Type::Object)
        .description(Some("the JSON object of a row: column name to text as it was"))
        .examples([super::schema::example::<BronzeRecord>()])
        .into()
}

fn silver() -> Part {
    object(
        "an accepted event",
        [
            ("kind", one_of(&["purchase", "customer"], "what it is about")),
            ("customer_id", text("whom it concerns")),
        ],
    )
    .examples([json!({
        "kind": "purchase", "purchase_id": "1", "customer_id": "7",
        "purchased_at": "2024-03-01T14:03:22", "year": 2024, "month": "2024-03", "weekday": 5,
        "amount_cents": 1250, "product": "Souris",
    })])
    .into()
}

fn accounting_members() -> [(&'static str, Part); 5] {
    [
        ("accepted_purchases", count("purchases in gold")),
        ("duplicate_purchases", count("the same purchase again")),
        ("customer_versions", count("valid customer rows")),
        ("unchanged_customers", count("those of them that changed nothing")),
        ("quarantined", counts("refused rows by kind and reason")),
    ]
}

fn accounting() -> Part {
    let about = "every row read has one fate: rows = accepted_purchases + duplicate_purchases + \
                 customer_versions + all quarantined";
    object(about, accounting_members())
        .examples([json!({
            "accepted_purchases": 3, "duplicate_purchases": 1, "customer_versions": 2,
            "unchanged_customers": 0, "quarantined": { "purchases.bad_date": 1 },
        })])
        .into()
}

fn gold() -> Part {
    let tables = [
        ("accounting", named("Accounting")),
        ("summary", named(Summary::TABLE.schema)),
        ("customers", array(named(CustomerReport::TABLE.schema))),
        ("products", array(named(ProductReport::TABLE.schema))),
        ("months", array(named(MonthReport::TABLE.schema))),
        ("days", array(named(DayReport::TABLE.schema))),
        ("countries", array(named(GoldCountry::TABLE.schema))),
    ];
    let about = "everything at one version, rows by key in byte order, null last";
    object(about, version_members().into_iter().chain(tables)).into()
}

fn status() -> Part {
    let position = object(
        "how far a partition has been read by its stage",
        [
            ("partition", text("topic and number")),
            ("position", count("records read")),
            ("end", nullable(Type::Integer, "records there; null where the log does not tell")),
        ],
    );
    let lag = object(
        "what waits for its stage",
        [
            ("records", nullable(Type::Integer, "how many; null where the log does not tell")),
            (
                "ms",
                nullable(Type::Integer, "how long the oldest waits; null where that is not known"),
            ),
            ("bytes", count("bytes of the inputs that are there and not read")),
        ],
    );
    let rows = object(
        "rows by fate",
        [("total", count("all rows"))].into_iter().chain(accounting_members()),
    );
    let latency = object(
        "from bronze to here, over the last commits; null where there were none",
        [
            ("p50_ms", nullable(Type::Integer, "half")),
            ("p99_ms", nullable(Type::Integer, "nearly all")),
        ],
    );
    let troubles = of(Type::Object)
        .description(Some("what is wrong now, here and in the other processes, by role or input"));
    let members = [
        ("roles", array(text("a role of this process"))),
        ("currency", text("what the amounts are in, as `--currency` says: a code of ISO 4217")),
        ("demo", of(Type::Boolean).description(Some("whether the rows are made up")).into()),
        ("shop_clock", demo::shop_clock()),
        ("started_at", instant("when the process started")),
    ];
    let more = [
        ("positions", array(position)),
        ("lag", lag.into()),
        ("rows", rows.into()),
        ("rows_per_second", count("counted over the last seconds")),
        ("latency", latency.into()),
        ("memory_bytes", nullable(Type::Integer, "resident memory; null where it is not known")),
        ("clients", count("open feed connections")),
        ("inputs", array(input())),
        ("troubles", troubles.into()),
        ("processes", array(process())),
        ("warnings", array(text("what a person should know of all rows, though none is wrong"))),
        ("verified", verified()),
        ("rebuild", or_null(named("Rebuild"), "none is under way")),
        ("lake", or_null(named("Lake"), "none is written")),
    ];
    object("what the process does", members.into_iter().chain(version_members()).chain(more)).into()
}

fn process() -> ObjectBuilder {
    let troubles = of(Type::Object).description(Some("what it says is wrong with it"));
    object(
        "a process of the pipeline, as it says itself; none where one process is all of it",
        [
            ("process", text("its machine and number")),
            ("roles", array(text("what it does"))),
            ("started_at", instant("when it started")),
            ("troubles", troubles.into()),
        ],
    )
}

fn input() -> ObjectBuilder {
    let states = InputState::ALL.map(InputState::name);
    object(
        "a file, or another input, that this process reads",
        [
            ("source", text("the name that it keeps over restarts")),
            ("state", one_of(&states, "what is done with it")),
            ("detail", nullable(Type::String, "why, where that needs words")),
            ("warnings", array(text("what a person should know, though no row is wrong by it"))),
            ("rows", count("rows read")),
            ("read_bytes", count("bytes read, as they stand on disk")),
            ("size_bytes", count("bytes that are there")),
        ],
    )
}

/// The last proof that was made on its own.
fn verified() -> Part {
    let proof = object(
        "the last proof, made in idle time",
        [
            ("at", instant("when it was made")),
            ("rows", count("how many it went over")),
            ("differences", count(DIFFERENCES)),
            ("differing", differing()),
        ],
    );
    or_null(proof, "none was made")
}

fn verdict() -> Part {
    object(
        "what the batch says",
        [
            ("equal", of(Type::Boolean).into()),
            ("rows", count("rows that gold has counted")),
            ("differences", count(DIFFERENCES)),
            ("differing", differing()),
        ],
    )
    .examples([json!({
        "equal": false,
        "rows": 6,
        "differences": 2,
        "differing": [
            { "table": "countries", "key": "France", "field": "revenue_cents", "gold": 1_251,
              "batch": 1_250, "also": [] },
            { "table": "summary", "key": null, "field": "revenue_cents", "gold": 2_501,
              "batch": 2_500, "also": ["average_basket_cents"] }
        ]
    })])
    .into()
}

const DIFFERENCES: &str = "rows and counts in which gold is not what the batch says";

/// The first rows in which gold differs from the batch.
fn differing() -> Part {
    sides("gold", "batch")
}

fn problem() -> Part {
    object(
        "RFC 9457: why there is no other answer",
        [
            ("type", text("about:blank: the status says what kind of problem it is")),
            ("title", text("the status in words")),
            ("status", count("the status")),
            ("detail", text("what was wrong with this request")),
            ("instance", text("its path")),
            ("request_id", text("as in the header x-request-id, to be found in the log")),
        ],
    )
    .examples([json!({
        "type": "about:blank", "title": "Bad Request", "status": 400,
        "detail": "limit is a number from 1 to 1000, not \"0\"",
        "instance": "/api/v1/customers", "request_id": "9d3c5a70b1e2f486-17",
    })])
    .into()
}

/// Euros of the batch system's API.
fn euros() -> Part {
    number("euros")
}

fn v0() -> Vec<(&'static str, Part)> {
    let id = OneOfBuilder::new().item(of(Type::Integer)).item(of(Type::String));
    let client = object(
        "a known customer",
        [
            ("id_client", id.description(Some("a number where it is a plain integer")).into()),
            ("nom", nullable(Type::String, "name")),
            ("email", nullable(Type::String, "e-mail")),
            ("date_inscription", nullable(Type::String, "YYYY-MM-DD")),
            ("pays", nullable(Type::String, "country")),
            ("nombre_achats", count("orders")),
            ("montant_total", euros()),
            ("montant_moyen", euros()),
            ("premier_achat", nullable(Type::String, "YYYY-MM-DD HH:MM:SS")),
            ("dernier_achat", nullable(Type::String, "YYYY-MM-DD HH:MM:SS")),
        ],
    );
    let product = object(
        "a product",
        [
            ("produit", text("name")),
            ("nombre_ventes", count("orders")),
            ("chiffre_affaires", euros()),
            ("prix_moyen", euros()),
            ("prix_min", euros()),
            ("prix_max", euros()),
        ],
    );
    let month = object(
        "a month",
        [
            ("annee_mois", text("YYYY-MM")),
            ("nombre_achats", count("orders")),
            ("chiffre_affaires", euros()),
            ("panier_moyen", euros()),
            ("nombre_clients_uniques", count("distinct customers")),
        ],
    );
    let country = object(
        "a country",
        [
            ("pays", text("name")),
            ("nombre_clients", count("distinct buyers")),
            ("nombre_achats", count("orders")),
            ("chiffre_affaires", euros()),
            ("panier_moyen", euros()),
        ],
    );
    let named = |name, schema: ObjectBuilder| (name, schema.into());
    vec![
        named("V0Client", client),
        named("V0Product", product),
        named("V0Month", month),
        named("V0Country", country),
        named("V0Summary", v0_summary()),
        named("V0Refusal", v0_refusal()),
    ]
}

fn v0_summary() -> ObjectBuilder {
    object(
        "the totals",
        [
            ("total_clients", count("known customers")),
            ("total_products", count("products")),
            ("total_months", count("months")),
            ("total_countries", count("countries")),
            ("total_revenue", euros()),
            ("total_orders", count("orders")),
            ("average_customer_value", euros()),
            ("response_time_ms", number("how long reading took")),
        ],
    )
}

fn v0_refusal() -> ObjectBuilder {
    let wrong = object(
        "one parameter",
        [
            ("loc", array(text("query, and its name"))),
            ("msg", text("what it should be")),
            ("type", text("the rule")),
        ],
    );
    object("values outside the limits", [("detail", array(wrong))])
}
