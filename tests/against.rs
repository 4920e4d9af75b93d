//! `verify --files`, and the same proof in idle time: bronze held against the files, which were read anew.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::shop::{PURCHASES, append, customer, gzipped, lines, purchase, write};
use crate::harness::wait::eventually;
use serde_json::Value;

const EQUAL: &str = "files: all 30 rows stand in bronze\n";

fn check_names_what_is_missing(home: &Home) {
    write(home, 10, 20);
    home.ok("run shop --once");
    assert!(home.ok("verify --files shop").ends_with(EQUAL));
    // A copy under other names of columns, packed, of which the shop holds all.
    let english = "purchase_id,customer_id,purchased_at,amount,product\n".to_owned();
    home.write("copy/purchases.csv.gz", gzipped(&(english + &lines(purchase, 3..9))));
    assert!(home.ok("verify --files copy").ends_with("files: all 6 rows stand in bronze\n"));

    // Nobody has read these. The middle one stands there twice, once in bronze.
    let achats = home.path("shop/achats.csv");
    append(&achats, "\nA20,C0,2024-03-01,5,\"two\nlines\"\n");
    append(&achats, purchase(7) + "broken\nA21,C0,2024-03-01,5,Pen");
    let answer = home.ask("verify --files shop").expect(3);
    let (gold, files) = answer.stdout.split_once('\n').unwrap();
    assert_eq!(gold, "equal: gold is the batch over its 30 rows");
    let named: Vec<&str> = files.lines().collect();
    assert_eq!(named[0], "files: 4 of 34 rows do not stand in bronze");
    let lines: Vec<_> = named[1..].iter().map(|row| row.split_once(": ").unwrap().0).collect();
    let at = |line: u32| format!("{}:{line}", achats.canonicalize().unwrap().display());
    // The last of two that are the same is named.
    assert_eq!(lines, [at(23), at(25), at(26), at(27)]);
    assert!(named[4].ends_with(r#""montant":"5","produit":"Pen"}"#), "{files}");

    let answer = home.ask("verify --json --purchases shop/achats.csv").expect(3);
    let told: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&told["equal"], &told["files"]["missing"]), (&true.into(), &4.into()));
    assert_eq!(told["files"]["missing_rows"][0]["line"], 23);
    home.ok("run shop --once");
    let said = home.ok("verify --files shop");
    assert!(said.ends_with("files: all 34 rows stand in bronze\n"), "{said}");
}

#[test]
fn rows_that_stand_in_a_file_and_not_in_bronze_are_named_with_file_and_line() {
    check_names_what_is_missing(&Home::new());
}

#[test]
fn the_same_rows_are_named_on_servers() {
    check_names_what_is_missing(&Home::on_servers("against"));
}

#[test]
fn a_running_goldstream_is_asked_and_what_was_posted_counts() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    assert!(home.ok("verify --files shop").ends_with(EQUAL));
    // Just written, and read meanwhile.
    append(&home.path("shop/clients.csv"), customer(10));
    assert!(home.ok("verify --files shop").ends_with("files: all 31 rows stand in bronze\n"));
    let row = r#"{"amount":"5","purchase_id":"P1","customer_id":"C1","purchased_at":"2024-03-01","product":"Pen"}"#;
    let url = format!("http://{}/api/v1/purchases", running.address());
    assert_eq!(http::post(&url, "application/json", row).unwrap().0, 202);
    running.counts(32);
    home.write("posted.csv", PURCHASES.to_owned() + "P1,C1,2024-03-01,5,Pen\n");
    home.ok("verify --purchases posted.csv");
    home.write("posted.csv", PURCHASES.to_owned() + "P1,C1,2024-03-01,6,Pen\n");
    let answer = home.ask("verify --purchases posted.csv").expect(3);
    assert!(answer.stdout.contains("posted.csv:2: {"), "{}", answer.stdout);
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn files_that_cannot_be_read_are_told_before_anything_is_asked() {
    let home = Home::new();
    home.ask("verify --files nowhere").expect(2).says(&["nowhere is no folder"]);
    home.write("shop/achats.csv", "nom,email\n");
    home.ask("verify --files shop").expect(1).says(&["achats.csv", "header"]);
}

#[test]
fn the_idle_audit_says_nothing_of_a_last_line_that_is_still_being_written() {
    let home = Home::new();
    let gz = |until| gzipped(&(PURCHASES.to_owned() + &lines(purchase, 100..until)));
    write(&home, 3, 5);
    append(&home.path("shop/achats.csv"), "A5,C0,2024-03-01 10:00:00,2.50,So");
    home.write("more.csv.gz", gz(103));
    let mut running = home.start("run shop --purchases more.csv.gz").ready();
    running.counts(11);
    home.write("more.csv.gz", gz(104));
    let told = eventually("the audit tells", || {
        let status = running.status();
        let told = status["troubles"]["files"].as_str().map(str::to_owned);
        told.ok_or_else(|| status.to_string())
    });
    assert!(told.starts_with("1 rows of the files") && told.contains("more.csv.gz:5: {"), "{told}");
    append(&home.path("shop/achats.csv"), "uris\n");
    running.counts(12);
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn the_idle_audit_tells_rows_of_a_file_that_nobody_reads_again_and_a_restart_reads_them() {
    let home = Home::new();
    let packed = |until| gzipped(&(PURCHASES.to_owned() + &lines(purchase, 0..until)));
    home.write("shop/achats.csv.gz", packed(20));
    let mut running = home.start("run shop").ready();
    running.counts(20);
    // What is packed is read once.
    home.write("shop/achats.csv.gz", packed(22));
    let told = eventually("the audit tells", || {
        let status = running.status();
        let told = status["troubles"]["files"].as_str().map(str::to_owned);
        told.ok_or_else(|| status.to_string())
    });
    assert!(
        told.starts_with("2 rows of the files") && told.contains("achats.csv.gz:22: {"),
        "{told}"
    );
    assert_eq!(running.end("TERM"), Some(0));
    home.ok("run shop --once");
    assert!(home.ok("verify --files shop").ends_with("files: all 22 rows stand in bronze\n"));
}
