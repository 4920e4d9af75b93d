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
fn the_extension_decides_where_no_format_is_given() {
    let home = shop();
    let written = |line: &str, file: &str| {
        home.ok(&format!("export customers {line} -o {file}"));
        std::fs::read(home.path(file)).unwrap()
    };
    let json = written("", "c.json");
    assert!(json.starts_with(b"[{\"customer_id\":"));
    for (file, begin) in [
        ("c.parquet", &b"PAR1"[..]),
        ("c.CSV", b"customer_id,"),
        ("c.ndjson", b"{\"customer_id\":"),
        ("c.arrow", &[0xff; 4]),
    ] {
        assert!(written("", file).starts_with(begin), "{file}");
    }
    assert!(written("", "c.txt") == json && written("", "c") == json);
    assert_eq!(written("--format csv", "rows.txt"), written("", "rows.csv"));
    for line in ["customers --format csv -o x.parquet", "gold -o x.csv"] {
        home.ask(&format!("export {line}")).expect(2);
    }
    home.ask("export customers --format csv -o x.arrow").expect(2).says(&["x.arrow", "csv"]);
    assert!(!home.path("x.parquet").exists() && !home.path("x.csv").exists());
}

#[test]
fn a_device_is_written_to_and_stays() {
    let home = shop();
    home.ok("export customers --format csv -o /dev/null");
    let csv = home.ok("export customers --format csv -o /dev/stdout");
    assert!(csv.starts_with("customer_id,"), "{csv}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let home = shop();
    for line in [
        "export bronze --format ndjson",
        "export gold",
        "export customers",
        "export accounting",
        "status",
        "status --json",
        "verify",
        "verify --json",
        "quarantine list",
        "quarantine show",
        "doctor",
    ] {
        let mut child = home.command(line).spawn().unwrap();
        drop(child.stdout.take());
        let answer = child.wait_with_output().unwrap();
        let said = String::from_utf8(answer.stderr).unwrap();
        assert!(answer.status.success() && !said.contains("pipe"), "{line}: {said}");
    }
}

#[test]
fn a_csv_for_a_spreadsheet_has_its_signs_and_runs_no_formula() {
    let home = Home::new();
    home.write("clients.csv", CUSTOMERS.to_owned() + "7,=1+1,@x,2024-01-05,-France\n");
    home.write("achats.csv", PURCHASES.to_owned() + "1,7,2024-03-01,12.50,+Souris\n");
    home.ok("run --once --customers clients.csv --purchases achats.csv");
    let french = home.ok("export customers --format csv --locale fr");
    assert!(french.starts_with('\u{feff}') && french.contains(";12,50;"), "{french}");
    for cell in ["'=1+1", "'@x", "'-France"] {
        assert!(french.contains(&format!(";{cell};")), "{cell} in {french}");
    }
    home.ok("export products --locale en -o products.csv");
    let english = std::fs::read_to_string(home.path("products.csv")).unwrap();
    assert!(english.contains("\n'+Souris,1,12.50,"), "{english}");
    // Programs get it as it is.
    assert!(home.ok("export customers --format csv").contains(",=1+1,@x,"));
    home.ask("export customers --locale fr").expect(2).says(&["--locale"]);
}
