//! The REST API over the real shop and over the demo, seen from outside.

use crate::harness::home::Home;
use crate::harness::process::{Running, wait_for_end};
use crate::harness::shop::{expected_gold, online_retail, without_codes, write};
use serde_json::{Value, json};

fn answer(running: &mut Running, path: &str) -> Value {
    serde_json::from_str(&running.get(path)).unwrap()
}

/// All rows of a list, page by page.
fn pages(running: &mut Running, table: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = answer(running, &format!("/api/v1/{table}?limit=1000{cursor}"));
        rows.extend(page["rows"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return rows };
        cursor = format!("&cursor={next}");
    }
}

fn by_revenue(rows: &[Value], key: &str) -> Vec<Value> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| {
        let text = row[key].as_str().map(str::to_owned);
        (-row["revenue_cents"].as_i64().unwrap(), text.is_none(), text)
    });
    rows
}

#[test]
fn the_real_shop_is_listed_as_another_program_computed_it() {
    let home = Home::new();
    let mut running = home.start(&format!("run {}", online_retail().display())).ready();
    let expected: Value = serde_json::from_str(&expected_gold()).unwrap();
    let accounting = &expected["accounting"];
    let of = |name: &str| accounting[name].as_u64().unwrap();
    let refused = accounting["quarantined"].as_object().unwrap().values();
    let refused: u64 = refused.map(|rows| rows.as_u64().unwrap()).sum();
    let rows = of("accepted_purchases") + of("duplicate_purchases") + of("customer_versions");
    running.counts(rows + refused);
    for (table, key) in
        [("customers", "customer_id"), ("products", "product"), ("countries", "country")]
    {
        let sorted = by_revenue(expected[table].as_array().unwrap(), key);
        let rows = Value::Array(pages(&mut running, table));
        let rows = if table == "countries" { without_codes(&rows) } else { rows };
        assert!(rows == Value::Array(sorted), "{table}");
    }
    for table in ["months", "days"] {
        assert!(pages(&mut running, table) == *expected[table].as_array().unwrap(), "{table}");
    }
    assert_eq!(answer(&mut running, "/api/v1/summary"), expected["summary"]);
    let quarantined = running.get("/api/v1/quarantine?format=ndjson").lines().count() as u64;
    assert_eq!(quarantined, refused);
    v0_agrees(&mut running, &expected);
}

/// What the batch system's client asks, against the same gold.
fn v0_agrees(running: &mut Running, expected: &Value) {
    let euros = |cents: &Value| json!(cents.as_i64().unwrap() as f64 / 100.0);
    let summary = answer(running, "/v0/stats/summary");
    assert_eq!(summary["total_orders"], expected["summary"]["orders"]);
    assert_eq!(summary["total_revenue"], euros(&expected["summary"]["revenue_cents"]));
    let countries = by_revenue(expected["countries"].as_array().unwrap(), "country");
    let known: Vec<_> = countries.iter().filter(|row| !row["country"].is_null()).collect();
    let answered = answer(running, "/v0/countries");
    assert_eq!(answered.as_array().unwrap().len(), known.len());
    for (row, known) in answered.as_array().unwrap().iter().zip(known) {
        assert_eq!((&row["pays"], &row["nombre_clients"]), (&known["country"], &known["buyers"]));
        assert_eq!(row["chiffre_affaires"], euros(&known["revenue_cents"]));
    }
    let months = answer(running, "/v0/monthly");
    for (row, month) in
        months.as_array().unwrap().iter().zip(expected["months"].as_array().unwrap())
    {
        assert_eq!(
            (&row["annee_mois"], &row["nombre_clients_uniques"]),
            (&month["month"], &month["customers"])
        );
    }
    let french = answer(running, "/v0/clients?limit=1000&pays=France");
    let customers = expected["customers"].as_array().unwrap().iter();
    let mut ids: Vec<_> = customers
        .filter(|row| row["country"] == "France" && row["known"] == true)
        .map(|row| row["customer_id"].as_str().unwrap().parse::<u64>().unwrap())
        .collect();
    ids.sort_unstable();
    let answered: Vec<_> =
        french.as_array().unwrap().iter().map(|row| row["id_client"].as_u64().unwrap()).collect();
    assert_eq!(answered, ids);
    let top = answer(running, "/v0/top-clients?limit=10");
    let revenue = top.as_array().unwrap().iter().map(|row| row["montant_total"].as_f64().unwrap());
    assert!(top.as_array().unwrap().len() == 10 && revenue.is_sorted_by(|a, b| a >= b));
}

#[test]
fn origins_are_listed_by_flag_environment_or_file_and_odd_ones_are_refused() {
    let home = Home::new();
    write(&home, 1, 1);
    home.ask("run shop --once --allow-origin shop.example").expect(2).says(&["--allow-origin"]);
    let mut command = home.command("run shop --once");
    command.env("GOLDSTREAM_ALLOW_ORIGIN", "https://a.example,*");
    wait_for_end(command.spawn().unwrap(), "run").expect(2).says(&["\"*\""]);
    home.write("goldstream.toml", "allowed_origins = [\"ftp://a.example\"]\n");
    home.ask("run shop --once").expect(2).says(&["ftp://a.example"]);
    home.ok(
        "run shop --once --allow-origin https://a.example --allow-origin http://localhost:5173",
    );
    let mut running = home.start("run shop --allow-origin https://a.example").ready();
    assert_eq!(answer(&mut running, "/api/v1/status")["demo"], false);
}
