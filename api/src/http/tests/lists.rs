//! Lists over a real socket: order, pages, filters, search, single rows.

use crate::testing::decode::{Rows, json_rows};
use crate::testing::server::TestServer;
use crate::testing::shop::{Shop, with_codes};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// All tables with their columns, the key first, and their own order.
pub(super) const TABLES: [(&str, &[&str], &str); 5] = [
    (
        "customers",
        &[
            "customer_id",
            "known",
            "name",
            "email",
            "signup_date",
            "country",
            "orders",
            "revenue_cents",
            "average_cents",
            "first_purchase",
            "last_purchase",
        ],
        "-revenue_cents",
    ),
    (
        "products",
        &["product", "orders", "revenue_cents", "average_cents", "min_cents", "max_cents"],
        "-revenue_cents",
    ),
    ("months", &["month", "orders", "revenue_cents", "average_basket_cents", "customers"], "month"),
    ("days", &["day", "orders", "revenue_cents"], "day"),
    (
        "countries",
        &["country", "buyers", "orders", "revenue_cents", "average_basket_cents", "code"],
        "-revenue_cents",
    ),
];

/// A shop with ties, unknown customers, customers without purchases and text that needs quoting.
pub(super) async fn stocked() -> (TestServer, Shop) {
    let (server, mut shop) = (TestServer::start().await, Shop::default());
    let people = [
        ("1", "Élodie Brûlé", "e.brule@shop.example", "France"),
        ("2", "Jean-Pierre Dupont", "jp@shop.example", "France"),
        ("3", "Müller, \"Max\"", "max@shop.example", "Germany"),
        ("4", "Søren\nKierkegaard", "soren@shop.example", "Denmark"),
        ("5", "", "", ""),
        ("A/6", "Anne Martin", "anne@shop.example", "Côte d'Ivoire"),
        ("7", "Max Müller", "m2@shop.example", "Germany"),
    ];
    for (id, name, email, country) in people {
        server.commit(shop.is(id, name, email, country)).await;
    }
    let purchases = [
        ("1", 500, "Souris"),
        ("2", 500, "Clavier, noir"),
        ("3", 700, "Écran"),
        ("A/6", 100, "Souris"),
        ("8", 900, "Tapis \"XL\""),
        ("9", 500, "Souris"),
        ("1", 0, "Clavier, noir"),
        ("7", 333, "Écran"),
        ("7", 334, "A/B c?"),
    ];
    for (id, cents, product) in purchases {
        server.commit(shop.buys_product(id, cents, product)).await;
    }
    (server, shop)
}

/// All rows of a list, page by page.
async fn pages(server: &TestServer, path: &str, limit: usize) -> Rows {
    let (mut rows, mut cursor) = (Rows::new(), String::new());
    loop {
        let answer = server.get(&format!("{path}limit={limit}{cursor}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let page = answer.json();
        let length = page["rows"].as_array().unwrap().len();
        assert!(length <= limit);
        rows.extend(json_rows(&page));
        match &page["next"] {
            Value::Null => return rows,
            next => {
                assert_eq!(length, limit, "a page before the last is full");
                cursor = format!("&cursor={}", next.as_str().unwrap());
                assert!(answer.header("link").unwrap().contains(&cursor[1..]), "{path}");
            }
        }
    }
}

fn null_last(a: &Value, b: &Value, descending: bool) -> Ordering {
    let by_value = match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => return Ordering::Greater,
        (_, Value::Null) => return Ordering::Less,
        (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Number(a), Value::Number(b)) => a.as_i64().cmp(&b.as_i64()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        other => panic!("{other:?}"),
    };
    if descending { by_value.reverse() } else { by_value }
}

fn sorted(mut rows: Rows, key: &str, sort: &str) -> Rows {
    let (column, descending) = sort.strip_prefix('-').map_or((sort, false), |it| (it, true));
    rows.sort_by(|a, b| {
        let by_value = null_last(&a[column], &b[column], descending);
        by_value.then_with(|| null_last(&a[key], &b[key], false))
    });
    rows
}

#[tokio::test]
async fn every_list_comes_in_the_order_of_every_column_both_ways_on_pages_of_any_size() {
    let (server, _) = stocked().await;
    let gold = server.get("/api/v1/gold").await.json();
    for (table, columns, default_sort) in TABLES {
        let rows =
            if table == "countries" { with_codes(&gold[table]) } else { gold[table].clone() };
        let all = json_rows(&json!({ "rows": rows }));
        assert!(all.len() > 1 || table == "months", "{table}");
        let mut named = columns.to_vec();
        named.sort_unstable();
        assert_eq!(all[0].keys().map(String::as_str).collect::<Vec<_>>(), named, "{table}");
        let own = pages(&server, &format!("/api/v1/{table}?"), 2).await;
        assert_eq!(own, sorted(all.clone(), columns[0], default_sort), "{table}");
        for column in columns {
            for sort in [(*column).to_owned(), format!("-{column}")] {
                let expected = sorted(all.clone(), columns[0], &sort);
                for limit in [1, 3, 1_000] {
                    let path = format!("/api/v1/{table}?sort={sort}&");
                    assert_eq!(pages(&server, &path, limit).await, expected, "{path}{limit}");
                }
            }
        }
    }
}

#[tokio::test]
async fn countries_have_their_code_and_those_of_gold_none() {
    let (server, _) = stocked().await;
    let codes = server.get("/api/v1/countries?format=csv&sort=code").await.body;
    let codes: Vec<_> = codes.lines().skip(1).map(|row| row.rsplit(',').next().unwrap()).collect();
    assert_eq!(codes, ["CI", "DE", "FR", ""]);
    let one = server.get("/api/v1/countries/allemagne").await;
    assert_eq!(one.status, 404, "a code is no key, and neither is another name: {}", one.body);
    assert_eq!(server.get("/api/v1/countries/germany").await.json()["code"], "DE");
    let gold = server.get("/api/v1/gold").await.json();
    let list = server.get("/api/v1/gold/countries?sort=country").await.json();
    assert_eq!(list["rows"], gold["countries"]);
    assert_eq!(server.get("/api/v1/gold/countries?sort=code").await.status, 400);
}

#[tokio::test]
async fn a_list_says_which_version_it_is_of() {
    let (server, _) = stocked().await;
    let list = server.get("/api/v1/countries").await.json();
    let gold = server.get("/api/v1/gold").await.json();
    for member in ["epoch", "version", "as_of"] {
        assert_eq!(list[member], gold[member], "{member}");
    }
    assert_eq!(list.as_object().unwrap().len(), 5, "{list}");
}

#[tokio::test]
async fn rows_whose_place_does_not_change_come_exactly_once_while_others_move() {
    let (server, mut shop) = (TestServer::start().await, Shop::default());
    for id in 0..40 {
        server.commit(shop.buys(&id.to_string(), 1_000 + id % 7)).await;
    }
    for sort in ["-revenue_cents", "revenue_cents", "customer_id", "-orders"] {
        let (mut seen, mut cursor, mut mover) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!("/api/v1/customers?limit=3&sort={sort}{cursor}");
            let page = server.get(&path).await.json();
            let ids = page["rows"].as_array().unwrap().iter();
            seen.extend(ids.map(|row| row["customer_id"].as_str().unwrap().to_owned()));
            // Even customers buy between the pages, and new ones come.
            mover += 2;
            server.commit(shop.buys(&(mover % 40).to_string(), 5_000)).await;
            server.commit(shop.buys(&format!("new-{}{mover}", &sort[1..]), mover)).await;
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        for id in (1..40).step_by(2).map(|id| id.to_string()) {
            assert_eq!(seen.iter().filter(|seen| **seen == id).count(), 1, "{id} by {sort}");
        }
    }
}

fn ids(list: &Value) -> Vec<&str> {
    let rows = list["rows"].as_array().unwrap();
    rows.iter().map(|row| row["customer_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn customers_are_found_by_country_and_by_search_alone_and_together() {
    let (server, _) = stocked().await;
    for (query, expected) in [
        ("country=France", &["1", "2"][..]),
        ("country=Germany&sort=-customer_id", &["7", "3"]),
        ("country=C%C3%B4te+d%27Ivoire", &["A/6"]),
        // Nobody's country has an empty name: those whose country is not known.
        ("country=", &["8", "9", "5"]),
        ("country=france", &["1", "2"]),
        ("country=+COTE+d%27ivoire", &["A/6"]),
        ("country=germany&limit=1", &["3"]),
        ("country=Fran", &[]),
        ("country=+", &[]),
        ("search=elodie", &["1"]),
        ("search=BRULE", &["1"]),
        ("search=muller", &["3", "7"]),
        ("search=M%C3%BCller&country=Germany&limit=1", &["3"]),
        ("search=muller&sort=customer_id", &["3", "7"]),
        ("search=soren+kierk", &["4"]),
        ("search=jp@", &["2"]),
        ("search=a/", &["A/6"]),
        ("search=pierre", &["2"]),
        ("search=ierre", &[]),
        ("search=max&country=France", &[]),
    ] {
        let list = server.get(&format!("/api/v1/customers?{query}")).await.json();
        assert_eq!(ids(&list), expected, "{query}");
    }
    let found = pages(&server, "/api/v1/customers?search=m&", 1).await;
    let found: Vec<_> = found.iter().map(|row| row["customer_id"].as_str().unwrap()).collect();
    assert_eq!(found, ["3", "7", "A/6"], "a search has pages, too");
}

#[tokio::test]
async fn products_are_found_by_a_part_of_their_names() {
    let (server, _) = stocked().await;
    let found = |list: &Value| -> Vec<String> {
        json_rows(list).iter().map(|row| row["product"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("search=ECRAN", &["Écran"][..]),
        ("search=r", &["Souris", "Écran", "Clavier, noir"]),
        ("search=r&sort=product", &["Clavier, noir", "Souris", "Écran"]),
        ("search=nothing", &[]),
    ] {
        let list = server.get(&format!("/api/v1/products?{query}")).await.json();
        assert_eq!(found(&list), expected, "{query}");
    }
    let pages = pages(&server, "/api/v1/products?search=r&", 1).await;
    assert_eq!(pages.len(), 3, "a search has pages, too");
}

#[tokio::test]
async fn days_are_those_between_two_inclusive() {
    let (server, _) = stocked().await;
    let all = server.get("/api/v1/days").await.json();
    let days: Vec<_> =
        json_rows(&all).iter().map(|row| row["day"].as_str().unwrap().to_owned()).collect();
    assert!(days.len() >= 4, "{days:?}");
    let query = format!("from={}&to={}", days[1], days[2]);
    let some = server.get(&format!("/api/v1/days?{query}")).await.json();
    assert_eq!(json_rows(&some), json_rows(&all)[1..3]);
    let from = server.get(&format!("/api/v1/days?from={}", days[3])).await.json();
    assert_eq!(json_rows(&from), json_rows(&all)[3..]);
    let none = server.get("/api/v1/days?from=2030-01-01&to=2030-01-02").await.json();
    assert_eq!(none["rows"], json!([]));
    let turned = server.get("/api/v1/days?from=2030-01-01&to=2020-01-01").await;
    assert_eq!(turned.status, 400, "no day lies in it");
}

#[tokio::test]
async fn single_rows_are_the_objects_of_the_lists() {
    let (server, _) = stocked().await;
    for (table, columns, _) in TABLES {
        for row in json_rows(&server.get(&format!("/api/v1/{table}")).await.json()) {
            let Value::String(key) = &row[columns[0]] else { continue };
            let key: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let answer = server.get(&format!("/api/v1/{table}/{key}")).await;
            assert_eq!(answer.json(), Value::Object(row), "{table}");
            assert!(answer.header("etag").is_some());
        }
        for missing in ["nobody", "2024-13", "2199-12-31"] {
            let answer = server.get(&format!("/api/v1/{table}/{missing}")).await;
            assert_eq!(answer.status, 404, "{table}/{missing}");
        }
    }
}

#[tokio::test]
async fn countries_that_differ_by_case_alone_are_one_list_with_pages() {
    let (server, mut shop) = stocked().await;
    server.commit(shop.is("20", "Zoé", "z@shop.example", "FRANCE")).await;
    server.commit(shop.buys("20", 500)).await;
    for (asked, limit) in [("France", 1), ("FRANCE", 2), ("fránce", 100)] {
        let path = format!("/api/v1/customers?country={}&", asked.replace('á', "%C3%A1"));
        let found = pages(&server, &path, limit).await;
        let found: Vec<_> = found.iter().map(|row| row["customer_id"].as_str().unwrap()).collect();
        assert_eq!(found, ["1", "2", "20"], "{asked}");
    }
}

#[tokio::test]
async fn products_and_countries_are_found_by_their_names_whatever_case_and_accents() {
    let (server, mut shop) = stocked().await;
    server.commit(shop.buys_product("1", 9_000, "ECRAN")).await;
    for (asked, key) in [
        ("products/souris", "Souris"),
        ("products/TAPIS%20%22xl%22", "Tapis \"XL\""),
        // Exactly this one is meant before any other.
        ("products/%C3%89cran", "Écran"),
        ("products/ECRAN", "ECRAN"),
        // Of several the one of the largest revenue.
        ("products/ecran", "ECRAN"),
        ("countries/cote%20d'ivoire", "Côte d'Ivoire"),
    ] {
        let row = server.get(&format!("/api/v1/{asked}")).await.json();
        let own = if asked.starts_with("products") { "product" } else { "country" };
        assert_eq!(row[own], key, "{asked}");
    }
    // An id is an id.
    assert_eq!(server.get("/api/v1/customers/A%2F6").await.status, 200);
    for missing in ["customers/a%2F6", "products/ecra", "countries/"] {
        assert_eq!(server.get(&format!("/api/v1/{missing}")).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn what_is_refused_says_what_there_is() {
    let (server, _) = stocked().await;
    for (query, told) in [
        ("products?sort=revenue", "product, orders, revenue_cents, average_cents, min_cents"),
        ("customers?pays=France", "country, cursor, format, limit, locale, search, sort"),
        ("days?country=France", "cursor, format, from, limit, locale, sort, to"),
        ("customers/1?limit=1", "it knows format, locale"),
        ("quarantine?reason=bad", "bad_date"),
        ("stream?views=summary&contry=x", "country, interval_ms, top, views"),
    ] {
        let answer = server.get(&format!("/api/v1/{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(told), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_a_list_does_not_know_is_a_400() {
    let (server, _) = stocked().await;
    let list = server.get("/api/v1/customers?limit=1").await.json();
    let cursor = list["next"].as_str().unwrap();
    let of_products = server.get("/api/v1/products?limit=1&sort=product").await.json();
    let of_products = of_products["next"].as_str().unwrap();
    let queries = [
        "customers?limit=0".to_owned(),
        "customers?limit=1001".to_owned(),
        "customers?limit=".to_owned(),
        "customers?limit=+5".to_owned(),
        "customers?limit=5&limit=5".to_owned(),
        "customers?sort=revenue".to_owned(),
        "customers?sort=--orders".to_owned(),
        "customers?sort=".to_owned(),
        "customers?cursor=".to_owned(),
        "customers?cursor=!!".to_owned(),
        "customers?cursor=eyJhIjoxfQ".to_owned(),
        format!("customers?cursor={}", &cursor[..cursor.len() - 4]),
        format!("customers?sort=customer_id&cursor={cursor}"),
        format!("customers?cursor={of_products}"),
        "customers?pays=France".to_owned(),
        "customers?format=xml".to_owned(),
        "customers?search=%ff".to_owned(),
        "products?country=France".to_owned(),
        "months?from=2024-01-01".to_owned(),
        "days?from=2024-1-1".to_owned(),
        "days?to=yesterday".to_owned(),
        "customers/1?limit=1".to_owned(),
        "summary?sort=orders".to_owned(),
        "quarantine?reason=bad".to_owned(),
        "quarantine?sort=at".to_owned(),
        format!("quarantine?cursor={cursor}"),
    ];
    for query in queries {
        let answer = server.get(&format!("/api/v1/{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        assert_eq!(answer.json()["status"], 400);
    }
    assert_eq!(server.get(&format!("/api/v1/customers?cursor={cursor}")).await.status, 200);
}
