//! The forms that files may have: all give the gold of the plain one.

use crate::harness::home::Home;
use crate::harness::shop::{CUSTOMERS, PURCHASES, append, customer, gzipped, lines, purchase};
use crate::harness::wait::eventually;
use std::io::Write;
use std::process::Stdio;

const CUSTOMER_ROWS: &str = "7,Zoé,Zoe@Exemple.fr,2024-01-05,Côte d'Ivoire\n8,Max,,,\n";
const PURCHASE_ROWS: &str =
    "1,7,2024-03-01 14:03:22,12.50,\"Clavier\nété\"\n2,9,2/3/2024,\"1 000,5\",Souris\n";

/// The gold of a shop with these two files.
fn gold(customers: (&str, &[u8]), purchases: (&str, &[u8])) -> String {
    let home = Home::new();
    home.write(&format!("shop/{}", customers.0), customers.1);
    home.write(&format!("shop/{}", purchases.0), purchases.1);
    home.ok("run shop --once");
    home.verify_equal();
    home.gold_text()
}

fn plain() -> (String, String) {
    (CUSTOMERS.to_owned() + CUSTOMER_ROWS, PURCHASES.to_owned() + PURCHASE_ROWS)
}

/// The plain files, changed, give the gold of the plain ones.
fn check(what: &str, change: impl Fn(&str) -> Vec<u8>) {
    check_named(what, ("clients.csv", "achats.csv"), change);
}

fn check_named(what: &str, names: (&str, &str), change: impl Fn(&str) -> Vec<u8>) {
    let (customers, purchases) = plain();
    let expected =
        gold(("clients.csv", customers.as_bytes()), ("achats.csv", purchases.as_bytes()));
    assert!(expected.contains("Clavier\\nété") && expected.contains("\"revenue_cents\":101300"));
    let changed = gold((names.0, &change(&customers)), (names.1, &change(&purchases)));
    assert_eq!(changed, expected, "{what}");
}

#[test]
fn semicolons_byte_order_mark_line_ends_and_windows_1252_mean_the_same() {
    check("semicolons", |text| {
        let text = text.replace("\"1 000,5\"", "1 000\u{1}5").replace(',', ";");
        text.replace('\u{1}', ",").into_bytes()
    });
    check("byte order mark", |text| format!("\u{feff}{text}").into_bytes());
    check("windows-1252", |text| text.chars().map(|c| u8::try_from(c).unwrap()).collect());
    check("blank lines", |text| text.replace("\n2,", "\n\n  \n2,").into_bytes());
    check("crlf", |text| {
        let crlf = text.replace('\n', "\r\n");
        crlf.replace("Clavier\r\n", "Clavier\n").into_bytes()
    });
    check("no last line end", |text| text.trim_end().as_bytes().to_vec());
}

#[test]
fn what_spreadsheets_and_other_systems_write_means_the_same() {
    check("tabs", |text| {
        text.replace("\"1 000,5\"", "1 000\u{1}5")
            .replace(',', "\t")
            .replace('\u{1}', ",")
            .into_bytes()
    });
    check("pipes", |text| {
        text.replace("\"1 000,5\"", "1 000\u{1}5")
            .replace(',', "|")
            .replace('\u{1}', ",")
            .into_bytes()
    });
    check("a line that names the delimiter", |text| format!("sep=,\r\n{text}").into_bytes());
    check("comments before the header", |text| format!("# shop\n\n# 2024\n{text}").into_bytes());
    check("two byte order marks", |text| format!("\u{feff}\u{feff}{text}").into_bytes());
    check("utf-16", |text| {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    });
    check("utf-16, the other order", |text| {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect()
    });
}

#[test]
fn standard_input_and_pipes_are_read_and_known_again() {
    let home = Home::new();
    let piped = |text: &str, line: &str| {
        let mut command = home.command(line);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        crate::harness::process::wait_for_end(child, line).expect(0);
        home.accounting()
    };
    let text = plain().1;
    assert_eq!(piped(&text, "run --purchases - --once").accepted_purchases, 2);
    // The same again, and more: read on.
    let more = format!("{text}3,7,2024-03-01,5,Pen");
    let accounting = piped(&more, "run --purchases - --once");
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (3, 0));
    home.ask("run --purchases - --customers - --once").expect(2).says(&["once"]);
    home.verify_equal();
}

#[test]
fn a_file_with_a_wrong_header_keeps_all_others_from_being_counted_and_all_are_named() {
    let home = Home::new();
    home.write("good.csv", plain().1);
    home.write("bad.csv", "order,price\n1,2\n");
    home.write("worse.csv", "name\n");
    let line = "run --once --purchases good.csv --purchases bad.csv --purchases none.csv --customers worse.csv";
    home.ask(line).expect(1).says(&["bad.csv", "worse.csv", "order, price", "none.csv"]);
    assert!(!home.path("goldstream-data").exists(), "a store was made");
    home.ok("run --once --purchases good.csv");
    home.ask(line).expect(1);
    assert_eq!(home.accounting().rows(), 2);
}

#[test]
fn a_header_amid_the_rows_is_none_of_them() {
    let home = Home::new();
    let (customers, purchases) = plain();
    home.write("shop/clients.csv", format!("{customers}{customers}"));
    home.write("shop/achats.csv", format!("{purchases}\u{feff}{purchases}"));
    home.ok("run shop --once");
    home.verify_equal();
    let gold = home.gold();
    assert_eq!((gold.summary.customers, gold.accounting.accepted_purchases), (2, 2));
    for account in ["customers.repeated_header", "purchases.repeated_header"] {
        assert_eq!(gold.accounting.quarantined[account], 1, "{account}");
    }
}

#[test]
fn products_that_look_the_same_stay_two_and_are_told_once_a_file() {
    let home = Home::new();
    let purchases = plain().1;
    let row = |id: u32, product: &str| format!("{id},7,2024-03-01,5,{product}\n");
    let rows =
        [row(91, "Th\u{e9} vert"), row(92, "The\u{301} vert"), row(93, "Th\u{e9}\u{a0}vert")];
    home.write("shop/achats.csv", purchases + &rows.concat());
    let mut running = home.start("run shop").ready();
    running.counts(5);
    let products = running.gold().products;
    assert_eq!(products.iter().filter(|row| row.product.ends_with("vert")).count(), 3);
    let status = running.status();
    let told = status["inputs"][0]["warnings"][0].as_str().unwrap();
    assert!(
        told.contains(
            "\"Th\u{e9} vert\" also stands there as \"The\\u{301} vert\" (line 6); 1 more"
        ),
        "{told}"
    );
    assert_eq!(running.said().matches("look the same").count(), 1);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn what_a_file_never_decides_is_told_once_it_is_read() {
    let home = Home::new();
    let rows = |from: u32| -> String {
        (from..from + 3).map(|id| format!("{id};7;0{id}/12/2024;{id},500;Pen\n")).collect()
    };
    home.write("shop/achats.csv", PURCHASES.replace(',', ";") + &rows(1));
    let mut running = home.start("run shop").ready();
    running.counts(3);
    let status = running.status();
    let told: Vec<&str> = status["inputs"][0]["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    assert!(told[0].starts_with("dates such as 01/12/2024 (line 2)"), "{told:?}");
    assert!(told[1].starts_with("amounts such as 1,500 (line 2; 3 of them)"), "{told:?}");
    // Later rows decide.
    append(&home.path("shop/achats.csv"), "4;7;31/12/2024;4,50;Pen\n");
    running.counts(4);
    eventually("nothing is open", || {
        let status = running.status();
        let told = status["inputs"][0]["warnings"].to_string();
        if told == "[]" { Ok(()) } else { Err(told) }
    });
    assert_eq!(running.said().matches("are read day first").count(), 1);
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn names_compression_language_order_and_further_columns_mean_the_same() {
    let plain = |text: &str| text.as_bytes().to_vec();
    check_named("english names", ("customers.csv", "purchases.csv"), plain);
    let packed = |text: &str| zstd::encode_all(text.as_bytes(), 0).unwrap();
    check_named("zst", ("clients.csv.zst", "achats.csv.zst"), packed);
    // Two members, as `cat a.gz b.gz` makes them.
    check_named("gz", ("clients.csv.gz", "achats.csv.gz"), |text| {
        let (first, second) = text.split_at(text.find('\n').unwrap() + 1);
        [first, second].map(gzipped).concat()
    });
    check("english header in another order", |text| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let of_purchases = text.starts_with(PURCHASES);
        let header = match of_purchases {
            true => ["Product", "note", "AMOUNT", "purchased_at", "customer_id", "purchase_id"],
            false => ["Country", "note", "signup_date", "email", "Name", "customer_id"],
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(header).unwrap();
        for record in reader.records().map(Result::unwrap) {
            let [e, d, c, b, a] = [4, 3, 2, 1, 0].map(|place| record[place].to_owned());
            writer.write_record([&e, "no matter", &d, &c, &b, &a]).unwrap();
        }
        writer.into_inner().unwrap()
    });
}

#[test]
fn one_of_the_two_files_and_empty_ones_are_enough() {
    for (name, content, rows) in [
        ("clients.csv", plain().0, 2),
        ("achats.csv", plain().1, 2),
        ("Clients.CSV", plain().0, 2),
        ("achats.csv", PURCHASES.to_owned(), 0),
    ] {
        let home = Home::new();
        home.write(&format!("shop/{name}"), content);
        home.ok("run shop --once");
        assert_eq!(home.accounting().rows(), rows, "{name}");
        home.verify_equal();
    }
}

#[test]
fn several_files_of_a_kind_are_read_in_the_order_given() {
    for (order, product) in [(["a.csv", "b.csv"], "Avant"), (["b.csv", "a.csv"], "Après")] {
        let home = Home::new();
        home.write("a.csv", format!("{PURCHASES}1,7,2024-03-01,5,Avant\n"));
        home.write("b.csv", format!("{PURCHASES}1,7,2024-03-01,5,Après\n"));
        home.write("c.csv", plain().0);
        let [first, second] = order;
        home.ok(&format!("run --purchases {first} --customers c.csv --purchases {second} --once"));
        let gold = home.gold();
        let products: Vec<&str> = gold.products.iter().map(|row| &*row.product).collect();
        assert_eq!(products, [product]);
        assert_eq!(gold.accounting.quarantined["purchases.conflicting_duplicate"], 1);
        home.verify_equal();
    }
}

#[test]
fn customers_who_come_in_a_second_run_take_their_purchases_with_them() {
    let (customers, purchases) = plain();
    let together =
        gold(("clients.csv", customers.as_bytes()), ("achats.csv", purchases.as_bytes()));
    let home = Home::new();
    home.write("achats.csv", purchases);
    home.write("clients.csv", customers);
    home.ok("run --purchases achats.csv --once");
    let before = home.gold();
    assert_eq!((before.summary.customers, before.countries.len()), (0, 1));
    home.ok("run --customers clients.csv --once");
    assert_eq!(home.gold_text(), together);
    home.verify_equal();
}

#[test]
fn what_cannot_be_read_is_named() {
    let home = Home::new();
    home.write("lacking/achats.csv", "id_achat;date_achat;prix;produit\n1;2024-03-01;5;Souris\n");
    let lacking = home.ask("run lacking --once").expect(1);
    lacking.says(&["achats.csv", "id_client", "montant", "id_achat, date_achat, prix, produit"]);
    home.write("void/readme.txt", "");
    home.write("void/orders.csv", "");
    let expected = ["void", "clients.csv", "achats.csv", "orders.csv, readme.txt", "--purchases"];
    home.ask("run void --once").expect(2).says(&expected);
    home.ask("run void").expect(2).says(&expected);
    home.ask("run nowhere --once").expect(2).says(&["nowhere"]);
    home.ask("run --once").expect(2).says(&["nothing to read"]);
    home.write("empty/achats.csv", "\n");
    home.ask("run empty --once").expect(2).says(&["achats.csv is empty", "id_achat"]);
    home.ok("run --purchases empty/achats.csv --once --data-dir other");
    home.ask("produce empty").expect(2).says(&["achats.csv is empty"]);
    home.ask("produce").expect(2).says(&["nothing to read"]);
    assert!(!home.path("goldstream-data").exists(), "a store was made");
    home.ask("run --purchases nowhere.csv --once").expect(1).says(&["nowhere.csv"]);
    home.write("double/achats.csv", PURCHASES);
    home.write("double/purchases.csv", PURCHASES);
    home.ask("run double --once").expect(2).says(&["achats.csv", "purchases.csv", "--purchases"]);
    // A followed file fails as clearly.
    home.ask("run lacking").expect(1).says(&["montant"]);
}

#[test]
fn customers_whose_ids_never_match_are_told_once_there_are_enough_purchases() {
    let home = Home::new();
    let floats =
        |number: u64| purchase(number).replacen(",C", ",", 1).replacen(",2024", ".0,2024", 1);
    home.write("shop/clients.csv", CUSTOMERS.to_owned() + &lines(customer, 0..10).replace('C', ""));
    home.write("shop/achats.csv", PURCHASES.to_owned() + &(0..999).map(floats).collect::<String>());
    assert!(!home.ask("run shop --once").expect(0).stderr.contains("know their customer"));
    let mut running = home.start("run shop").ready();
    append(&home.path("shop/achats.csv"), (999..1_000).map(floats).collect::<String>());
    running.counts(1_010);
    let told = eventually("it is told", || {
        let status = running.get("/api/v1/status");
        if status.contains("only 0 of 1000 purchases") { Ok(status) } else { Err(status) }
    });
    assert!(told.contains(r#"purchases like \"0.0\""#) || told.contains(".0"), "{told}");
    eventually("it is logged", || {
        if running.said().contains("know their customer") { Ok(()) } else { Err(running.said()) }
    });
    assert!(home.ok("status").contains("warning       only 0 of 1000"));
    // Those who match are told of no more.
    append(&home.path("shop/achats.csv"), lines(purchase, 2_000..2_011).replace(",C", ","));
    eventually("it is no more", || {
        let status = running.get("/api/v1/status");
        if status.contains("know their customer") { Err(status) } else { Ok(()) }
    });
}
