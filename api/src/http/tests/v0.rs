//! The batch system's API over a real socket, as its clients ask it.

use super::lists::stocked;
use crate::testing::server::TestServer;
use crate::testing::shop::Shop;
use serde_json::{Value, json};

async fn array(server: &TestServer, path: &str) -> Vec<Value> {
    let answer = server.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    answer.json().as_array().unwrap().clone()
}

/// The names of an object's fields in the order in which they stand in the text.
fn fields(text: &str) -> Vec<String> {
    let object = &text[..=text.find('}').unwrap()];
    object.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_fields_are_those_of_the_batch_system_in_its_order() {
    let (server, mut shop) = (TestServer::start().await, Shop::default());
    server.commit(shop.is("7", "", "", "")).await;
    server.commit(shop.is("8", "", "", "France")).await;
    server.commit(shop.buys_product("8", 1_250, "S")).await;
    for (path, expected) in [
        (
            "stats/summary",
            "total_clients total_products total_months total_countries total_revenue total_orders \
             average_customer_value response_time_ms",
        ),
        (
            "monthly",
            "annee_mois nombre_achats chiffre_affaires panier_moyen nombre_clients_uniques",
        ),
    ] {
        let names = fields(&server.get(&format!("/v0/{path}")).await.body);
        let named: Vec<_> = expected.split_whitespace().collect();
        let names: Vec<_> =
            names.iter().map(String::as_str).filter(|n| named.contains(n)).collect();
        assert_eq!(names, named, "{path}");
    }
    let clients = server.get("/v0/clients").await;
    assert_eq!(
        clients.body,
        "[{\"id_client\":7,\"nom\":null,\"email\":null,\"date_inscription\":\"2024-02-29\",\
         \"pays\":null,\"nombre_achats\":0,\"montant_total\":0.0,\"montant_moyen\":0.0,\
         \"premier_achat\":null,\"dernier_achat\":null},\
         {\"id_client\":8,\"nom\":null,\"email\":null,\"date_inscription\":\"2024-02-29\",\
         \"pays\":\"France\",\"nombre_achats\":1,\"montant_total\":12.5,\"montant_moyen\":12.5,\
         \"premier_achat\":\"2023-11-14 22:13:20\",\"dernier_achat\":\"2023-11-14 22:13:20\"}]"
    );
    assert_eq!(
        server.get("/v0/products").await.body,
        "[{\"produit\":\"S\",\"nombre_ventes\":1,\"chiffre_affaires\":12.5,\"prix_moyen\":12.5,\
         \"prix_min\":12.5,\"prix_max\":12.5}]"
    );
    assert_eq!(
        server.get("/v0/countries").await.body,
        "[{\"pays\":\"France\",\"nombre_clients\":1,\"nombre_achats\":1,\"chiffre_affaires\":12.5,\
         \"panier_moyen\":12.5}]"
    );
}

#[tokio::test]
async fn only_known_customers_and_countries_are_listed_by_id_and_by_revenue() {
    let (server, _) = stocked().await;
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id_client"].clone()).collect::<Vec<_>>();
    let all = array(&server, "/v0/clients").await;
    let expected = [json!(1), json!(2), json!(3), json!(4), json!(5), json!(7), json!("A/6")];
    assert_eq!(ids(&all), expected);
    assert_eq!(ids(&array(&server, "/v0/clients?limit=2&skip=5").await), expected[5..]);
    assert!(array(&server, "/v0/clients?skip=99999999999").await.is_empty());
    let french = array(&server, "/v0/clients?limit=100&pays=France&verbose=1").await;
    assert_eq!(ids(&french), expected[..2]);
    assert!(array(&server, "/v0/clients?pays=").await.is_empty());
    let top = array(&server, "/v0/top-clients?limit=10").await;
    assert_eq!(ids(&top)[..3], [json!(3), json!(7), json!(1)]);
    assert_eq!(array(&server, "/v0/top-clients?limit=1").await.len(), 1);
    let countries = array(&server, "/v0/countries").await;
    let names: Vec<_> = countries.iter().map(|row| row["pays"].as_str().unwrap()).collect();
    assert_eq!(names, ["Germany", "France", "Côte d'Ivoire"]);
    let products = array(&server, "/v0/products").await;
    let revenue: Vec<_> = products.iter().map(|row| row["chiffre_affaires"].as_f64()).collect();
    assert!(revenue.is_sorted_by(|a, b| a >= b), "{revenue:?}");
    assert_eq!(array(&server, "/v0/monthly").await[0]["annee_mois"], "2023-11");
}

#[tokio::test]
async fn averages_are_not_rounded_and_the_time_is_real() {
    let (server, _) = stocked().await;
    let summary = server.get("/v0/stats/summary").await.json();
    assert_eq!(summary["total_revenue"], json!(38.67));
    assert_eq!(summary["average_customer_value"], json!(3_867.0 / 700.0));
    let counts = ["total_clients", "total_products", "total_months", "total_countries"];
    assert_eq!(counts.map(|name| summary[name].as_u64().unwrap()), [7, 5, 1, 3]);
    assert!(summary["response_time_ms"].as_f64().unwrap() > 0.0);
    let top = array(&server, "/v0/top-clients").await;
    assert_eq!(top[1]["montant_moyen"], json!(667.0 / 200.0), "{}", top[1]);
}

#[tokio::test]
async fn values_outside_the_limits_are_a_422_of_the_known_form() {
    let (server, _) = stocked().await;
    for (path, name, kind) in [
        ("clients?limit=0", "limit", "greater_than_equal"),
        ("clients?limit=1001", "limit", "less_than_equal"),
        ("clients?limit=many", "limit", "int_parsing"),
        ("clients?skip=-1", "skip", "greater_than_equal"),
        ("clients?limit=", "limit", "int_parsing"),
        ("top-clients?limit=101", "limit", "less_than_equal"),
        ("top-clients?limit=0", "limit", "greater_than_equal"),
    ] {
        let answer = server.get(&format!("/v0/{path}")).await;
        assert_eq!(answer.status, 422, "{path}");
        let detail = answer.json()["detail"][0].clone();
        assert_eq!(detail["loc"], json!(["query", name]), "{path}");
        assert_eq!(detail["type"], kind, "{path}");
        assert!(detail["msg"].as_str().unwrap().starts_with("Input should be"), "{path}");
    }
    for path in ["clients?limit=1000", "clients?limit=1", "top-clients?limit=100"] {
        assert_eq!(server.get(&format!("/v0/{path}")).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn it_tells_what_it_is() {
    let (server, _) = stocked().await;
    let root = server.get("/v0/").await.json();
    assert!(root["message"].is_string() && root["version"].is_string());
    for path in root["endpoints"].as_object().unwrap().values() {
        assert_eq!(server.get(path.as_str().unwrap()).await.status, 200, "{path}");
    }
    let health = server.get("/v0/health").await.json();
    assert_eq!(health["status"], "healthy");
    assert!(health["database"].is_string() && health["collections"].is_array());
}
