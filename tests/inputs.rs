//! The forms that files may have: all give the gold of the plain one.

use crate::harness::home::Home;
use crate::harness::shop::{CUSTOMERS, PURCHASES};

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
fn names_compression_language_order_and_further_columns_mean_the_same() {
    let plain = |text: &str| text.as_bytes().to_vec();
    check_named("english names", ("customers.csv", "purchases.csv"), plain);
    let packed = |text: &str| zstd::encode_all(text.as_bytes(), 0).unwrap();
    check_named("zst", ("clients.csv.zst", "achats.csv.zst"), packed);
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
        ("clients.csv", String::new(), 0),
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
    home.ask("run void --once").expect(1).says(&["void", "clients.csv", "achats.csv"]);
    home.ask("run nowhere --once").expect(1).says(&["nowhere"]);
    home.ask("run --purchases nowhere.csv --once").expect(1).says(&["nowhere.csv"]);
    home.write("double/achats.csv", PURCHASES);
    home.write("double/purchases.csv", PURCHASES);
    home.ask("run double --once").expect(1).says(&["achats.csv", "purchases.csv", "--purchases"]);
    // A followed file fails as clearly.
    home.ask("run lacking").expect(1).says(&["montant"]);
}
