//! `goldstream export`: the same rows whoever holds the store and in whatever form.

use crate::harness::home::Home;
use crate::harness::shop::{CUSTOMERS, PURCHASES, write};
use serde_json::Value;

/// A shop with one bad row of each kind.
fn shop() -> Home {
    let home = Home::new();
    fill(&home);
    home
}

fn fill(home: &Home) {
    write(home, 10, 30);
    home.write(
        "more/clients.csv",
        "id_client,nom,email,date_inscription,pays\n,X,x@y,2024-01-01,France\n",
    );
    home.write(
        "more/achats.csv",
        "id_achat,id_client,date_achat,montant,produit\nbad,1,never,5,Souris\n",
    );
    home.ok("run shop --once");
    home.ok("run more --once");
}

fn lines(home: &Home, table: &str) -> Vec<Value> {
    let text = home.ok(&format!("export {table} --format ndjson"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check_records(home: &Home) {
    let (bronze, silver) = (lines(home, "bronze"), lines(home, "silver"));
    let quarantine = lines(home, "quarantine");
    assert_eq!((bronze.len(), silver.len(), quarantine.len()), (42, 40, 2));
    assert!(bronze.iter().any(|row| row["id_achat"] == "bad" && row["montant"] == "5"));
    let of_kind = |kind: &str| silver.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!((of_kind("customer"), of_kind("purchase")), (10, 30));
    let reasons: Vec<_> = quarantine.iter().map(|row| row["reason"].as_str().unwrap()).collect();
    assert!(reasons.contains(&"purchases.bad_date"), "{reasons:?}");
    assert!(reasons.contains(&"customers.missing_customer_id"), "{reasons:?}");
    let array: Vec<Value> = serde_json::from_str(&home.ok("export quarantine")).unwrap();
    assert_eq!(array, quarantine);
}

#[test]
fn tables_are_written_in_every_form_by_key() {
    let home = shop();
    let gold: Value = serde_json::from_str(&home.ok("export gold")).unwrap();
    for table in ["customers", "products", "months", "days", "countries"] {
        let rows: Value = serde_json::from_str(&home.ok(&format!("export {table}"))).unwrap();
        assert_eq!(rows, gold[table], "{table}");
        let csv = home.ok(&format!("export {table} --format csv"));
        assert_eq!(csv.matches("\r\n").count(), 1 + rows.as_array().unwrap().len(), "{table}");
    }
    let summary: Value = serde_json::from_str(&home.ok("export summary")).unwrap();
    assert_eq!(summary, gold["summary"]);
    let accounting: Value = serde_json::from_str(&home.ok("export accounting")).unwrap();
    assert_eq!(accounting, gold["accounting"]);
    home.ok("export customers --format parquet -o c.parquet");
    let parquet = std::fs::read(home.path("c.parquet")).unwrap();
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    home.ok("export customers --format arrow -o c.arrow");
    let arrow = std::fs::read(home.path("c.arrow")).unwrap();
    assert!(arrow.starts_with(&[0xff, 0xff, 0xff, 0xff]));
    home.ask("export gold --format csv").expect(2);
}

#[test]
fn what_is_empty_of_a_customer_is_null_in_every_form() {
    let home = Home::new();
    home.write("shop/clients.csv", format!("{CUSTOMERS}7,, ,soon,\n8,Ana,ANA@b,,France\n"));
    home.write("shop/achats.csv", PURCHASES);
    home.ok("run shop --once");
    home.verify_equal();
    for table in ["customers", "silver"] {
        let rows = lines(&home, table);
        let row = rows.iter().find(|row| row["customer_id"] == "7").unwrap();
        for field in ["name", "email", "signup_date", "country"] {
            assert_eq!(row.get(field), Some(&Value::Null), "{field} of {table}");
        }
        let other = rows.iter().find(|row| row["customer_id"] == "8").unwrap();
        assert_eq!((&other["name"], &other["email"]), (&"Ana".into(), &"ana@b".into()));
    }
    let csv = home.ok("export customers --format csv");
    assert!(csv.contains("\r\n7,true,,,,,0,0,,,\r\n"), "{csv}");
}

#[test]
fn records_are_written_with_and_without_a_running_goldstream() {
    let home = shop();
    check_records(&home);
    let running = home.start("run shop").ready();
    check_records(&home);
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn records_are_written_from_servers_too() {
    let home = Home::on_servers("export");
    fill(&home);
    check_records(&home);
}

#[test]
fn a_file_stays_as_it_was_where_there_is_no_answer() {
    let home = Home::new();
    home.write("kept.csv", "mine");
    home.ask("export customers --format csv -o kept.csv").expect(1).says(&["no store"]);
    assert_eq!(std::fs::read_to_string(home.path("kept.csv")).unwrap(), "mine");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let home = shop();
    let mut child = home.command("export bronze --format ndjson").spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
