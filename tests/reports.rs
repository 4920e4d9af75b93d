//! Small inputs that fell short elsewhere, each as people met it, with what it must give: `data/reports`. What is
//! static is read as it stands, and in other forms that mean the same; what moves is moved as its report says.

use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::shop::{append, gzipped};
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::{Accounting, Gold};
use std::fs;
use std::io::Write;
use std::path::PathBuf;

fn report(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/reports").join(name)
}

/// The input of a report, in a shop of its own.
fn shop(name: &str) -> Home {
    let home = Home::new();
    for file in fs::read_dir(report(name)).unwrap().map(Result::unwrap) {
        let name = format!("shop/{}", file.file_name().to_str().unwrap());
        home.write(&name, fs::read(file.path()).unwrap());
    }
    home
}

fn with_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"\xff\xfe") {
        // UTF-16 of the other order of bytes instead.
        return bytes.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    }
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .flat_map(|line| match line.strip_suffix(b"\n") {
            Some(line) => [line, b"\r\n"].concat(),
            None => line.to_vec(),
        })
        .collect()
}

/// What all forms of a report's input give.
fn check(name: &str, rows: u64, is_right: impl Fn(&Gold)) {
    let once = |what: &str, ending: &str, form: &dyn Fn(&[u8]) -> Vec<u8>| {
        let home = Home::new();
        for file in fs::read_dir(report(name)).unwrap().map(Result::unwrap) {
            let name = format!("shop/{}{ending}", file.file_name().to_str().unwrap());
            home.write(&name, form(&fs::read(file.path()).unwrap()));
        }
        home.ok("run shop --once");
        home.verify_equal();
        assert!(home.ok("verify --files shop").contains("rows stand in bronze"));
        let gold = home.gold();
        assert_eq!(gold.accounting.rows(), rows, "{name} {what}: {:?}", gold.accounting);
        is_right(&gold);
    };
    once("as it stands", "", &<[u8]>::to_vec);
    once("of another system", "", &with_carriage_returns);
    once("packed", ".gz", &|bytes| gzipped(bytes));

    // And as it is written, in pieces, cut anywhere.
    let mut draw = Draw::announced(name);
    let home = Home::new();
    let files = fs::read_dir(report(name)).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> =
        files.map(|path| (home.path("shop").join(path.file_name().unwrap()), path)).collect();
    fs::create_dir(home.path("shop")).unwrap();
    files.iter().for_each(|(into, _)| fs::write(into, "").unwrap());
    let mut running = home.start("run shop").ready();
    for (into, from) in &files {
        let mut left = fs::read(from).unwrap();
        while !left.is_empty() {
            let cut = 1 + draw.below(left.len().min(60) as u64) as usize;
            append(into, left.drain(..cut).collect::<Vec<u8>>());
        }
    }
    running.counts(rows);
    is_right(&running.gold());
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

fn quarantined(gold: &Gold, account: &str) -> u64 {
    gold.accounting.quarantined.get(account).copied().unwrap_or_default()
}

#[test]
fn a_quote_that_is_never_closed_costs_one_row() {
    check("01-quote-never-closed", 5, |gold| {
        assert_eq!((gold.accounting.accepted_purchases, gold.summary.revenue_cents), (4, 4_000));
        assert_eq!(quarantined(gold, "purchases.malformed"), 1);
    });
}

#[test]
fn two_stray_quotes_far_apart_swallow_nothing_between_them() {
    check("03-quote-inch-marks", 6, |gold| {
        let refused = quarantined(gold, "purchases.malformed");
        assert_eq!(gold.accounting.accepted_purchases + refused, 6);
        assert!(refused <= 2, "{:?}", gold.accounting);
    });
}

#[test]
fn a_header_again_is_no_customer() {
    check("14-header-again-in-customers", 6, |gold| {
        assert_eq!((gold.summary.customers, gold.accounting.accepted_purchases), (2, 2));
        let refused = ["customers.repeated_header", "purchases.repeated_header"];
        assert_eq!(refused.map(|account| quarantined(gold, account)), [1, 1]);
    });
}

#[test]
fn words_for_nothing_are_no_countries_and_ids_and_products_stay_as_they_are_written() {
    check("24-words-for-nothing", 11, |gold| {
        assert_eq!((gold.summary.orders, gold.summary.customers), (6, 4));
        assert_eq!(quarantined(gold, "purchases.conflicting_duplicate"), 1);
        let countries: Vec<_> = gold.customers.iter().map(|row| row.country.as_deref()).collect();
        assert_eq!(countries, [None, Some("NA"), None, None, None, None]);
    });
}

#[test]
fn what_cannot_be_seen_around_an_id_does_not_count() {
    check("25-invisible-characters", 4, |gold| {
        assert_eq!((gold.summary.orders, gold.summary.buyers, gold.summary.products), (3, 1, 1));
        assert_eq!(gold.customers[0].orders, 3);
    });
}

#[test]
fn offsets_are_read_in_every_form() {
    check("32-offsets-of-postgres-and-shopify", 5, |gold| {
        // Two spaces are no form of a date.
        assert_eq!((gold.summary.orders, quarantined(gold, "purchases.bad_date")), (4, 1));
    });
}

#[test]
fn utf_16_is_read() {
    check("33-utf-16", 1, |gold| assert_eq!(gold.summary.revenue_cents, 1_000));
}

#[test]
fn a_line_that_names_the_separator_is_no_header() {
    check("34-line-that-names-the-separator", 1, |gold| assert_eq!(gold.summary.orders, 1));
}

#[test]
fn two_byte_order_marks_are_as_good_as_one() {
    check("35-two-marks", 1, |gold| assert_eq!(gold.summary.customers, 1));
}

/// A shop of one file, being followed.
fn followed(name: &str, rows: u64) -> (Home, Running) {
    let home = shop(name);
    let mut running = home.start("run --purchases shop/achats.csv").ready();
    running.counts(rows);
    (home, running)
}

fn comes_to(running: &mut Running, wish: &str, is_it: impl Fn(&Accounting) -> bool) -> Accounting {
    eventually(wish, || {
        let accounting = running.accounting();
        if is_it(&accounting) { Ok(accounting) } else { Err(format!("{accounting:?}")) }
    })
}

fn revenue_cents(running: &mut Running) -> i64 {
    running.gold().summary.revenue_cents
}

/// It lives, with a trouble that names the file, and takes rows meanwhile.
fn lives_in_trouble(running: &mut Running) {
    let told = eventually("a trouble is told", || {
        let status = running.status();
        let troubles = status["troubles"].as_object().unwrap();
        troubles.keys().next().cloned().ok_or_else(|| status["inputs"].to_string())
    });
    assert!(told.starts_with("input file:") && told.ends_with("/shop/achats.csv"), "{told}");
    let row = r#"{"purchase_id":"posted","customer_id":"7","purchased_at":"2024-03-01","amount":1,"product":"Pen"}"#;
    let url = format!("http://{}/api/v1/purchases", running.address());
    assert_eq!(http::post(&url, "application/json", row).unwrap().0, 202);
    comes_to(running, "the posted row is counted", |it| it.accepted_purchases == 2);
}

#[test]
fn rows_behind_a_quote_that_is_never_closed_are_counted_while_the_file_is_followed() {
    let (home, mut running) = followed("02-quote-never-closed-follow", 1);
    let achats = home.path("shop/achats.csv");
    append(&achats, "2,7,2024-03-01,10.00,\"Screen 24\n");
    (3..10).for_each(|id| append(&achats, format!("{id},7,2024-03-01,10.00,Pen\n")));
    let accounting = running.counts(9);
    assert_eq!(accounting.accepted_purchases, 8);
    assert_eq!(accounting.quarantined["purchases.malformed"], 1);
}

#[test]
fn a_file_that_is_rewritten_in_place_and_longer_is_read_whole() {
    let (home, mut running) = followed("05-rewritten-in-place-longer", 5);
    fs::copy(home.path("shop/new.csv"), home.path("shop/achats.csv")).unwrap();
    let accounting = comes_to(&mut running, "all are counted", |it| it.accepted_purchases == 15);
    assert!(accounting.quarantined.is_empty(), "{accounting:?}");
    assert_eq!(revenue_cents(&mut running), 25_000);
}

#[test]
fn an_earlier_row_that_is_overwritten_in_place_makes_the_file_a_new_one() {
    let (home, mut running) = followed("06-edited-in-place", 2);
    let mut file = fs::OpenOptions::new().write(true).open(home.path("shop/achats.csv")).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(46)).unwrap();
    file.write_all(b"3,7,2024-03-01,99.00,Pen\n").unwrap();
    let accounting = running.counts(4);
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (3, 1));
    assert_eq!(revenue_cents(&mut running), 11_900);
    append(&home.path("shop/achats.csv"), "4,7,2024-03-01,1.00,Pen\n");
    assert_eq!(running.counts(5).accepted_purchases, 4);
    assert_eq!(running.end("TERM"), Some(0));
    home.ok("run --purchases shop/achats.csv --once");
    assert_eq!((home.accounting().rows(), home.gold().summary.revenue_cents), (5, 12_000));
}

#[test]
fn ten_rotations_with_a_row_right_before_each_count_ten_rows() {
    let (home, mut running) = followed("07-rotated-by-rename", 5);
    let achats = home.path("shop/achats.csv");
    for round in 0..10 {
        append(&achats, format!("r{round},7,2024-03-02,1.00,Ink\n"));
        fs::rename(&achats, home.path(format!("old.{round}"))).unwrap();
        let header = crate::harness::shop::PURCHASES;
        fs::write(&achats, format!("{header}n{round},7,2024-03-03,2.00,Cap\n")).unwrap();
        running.counts(5 + 2 * (round + 1));
    }
    let products = running.gold().products;
    let orders = |name: &str| products.iter().find(|row| &*row.product == name).unwrap().orders;
    assert_eq!(["Pen", "Ink", "Cap"].map(orders), [5, 10, 10]);
}

#[test]
fn a_file_that_cannot_be_read_for_a_moment_ends_nothing() {
    let (home, mut running) = followed("08-unreadable-for-a-moment", 1);
    let achats = home.path("shop/achats.csv");
    // Root may read everything but a directory.
    fs::remove_file(&achats).unwrap();
    fs::create_dir(&achats).unwrap();
    lives_in_trouble(&mut running);
    fs::remove_dir(&achats).unwrap();
    let header = crate::harness::shop::PURCHASES;
    fs::write(&achats, format!("{header}2,7,2024-03-01,10.00,Pen\n")).unwrap();
    comes_to(&mut running, "the file is read again", |it| it.accepted_purchases == 3);
}

#[test]
fn a_file_of_another_kind_under_the_name_ends_nothing() {
    let (home, mut running) = followed("10-replaced-by-a-wrong-file", 1);
    fs::rename(home.path("shop/wrong.csv"), home.path("shop/achats.csv")).unwrap();
    lives_in_trouble(&mut running);
}

#[test]
fn a_truncated_file_without_a_header_ends_nothing_and_a_header_mends_it() {
    let home = shop("11-copytruncate-without-header");
    let achats = home.path("shop/achats.csv");
    let rows = fs::read_to_string(&achats).unwrap().lines().count() as u64 - 1;
    let mut running = home.start("run --purchases shop/achats.csv").ready();
    running.counts(rows);
    fs::write(&achats, "").unwrap();
    append(&achats, "50,7,2024-03-01,10.00,Pen\n");
    eventually("a trouble is told", || {
        let status = running.status();
        let input = &status["inputs"][0];
        if input["state"] == "failing" { Ok(()) } else { Err(input.to_string()) }
    });
    let header = crate::harness::shop::PURCHASES;
    fs::write(&achats, format!("{header}50,7,2024-03-01,10.00,Pen\n")).unwrap();
    comes_to(&mut running, "the row is counted", |it| it.rows() > rows);
}

#[test]
fn a_link_that_is_swapped_leads_to_what_is_read() {
    let home = shop("13-symlink-swapped");
    let link = home.path("shop/achats.csv");
    std::os::unix::fs::symlink("v1.csv", &link).unwrap();
    let mut running = home.start("run --purchases shop/achats.csv").ready();
    running.counts(1);
    std::os::unix::fs::symlink("v2.csv", home.path("shop/t")).unwrap();
    fs::rename(home.path("shop/t"), &link).unwrap();
    comes_to(&mut running, "the other file is read", |it| it.accepted_purchases == 3);
}

#[test]
fn a_packed_body_is_taken_and_an_empty_variable_is_none() {
    let environment =
        fs::read_to_string(report("37-empty-environment").join("compose.env")).unwrap();
    let names = ["GOLDSTREAM_RATE", "GOLDSTREAM_KAFKA", "GOLDSTREAM_REDIS"];
    assert_eq!(environment.lines().count(), names.len());
    let home = names.into_iter().fold(Home::new(), |home, name| home.with(name, ""));
    let mut running = home.start("run").ready();
    let body = fs::read(report("36-compressed-body").join("body.json.gz")).unwrap();
    let url = format!("http://{}/api/v1/purchases", running.address());
    assert_eq!(http::post_packed(&url, "gzip", &body).unwrap().0, 202);
    assert_eq!(running.counts(1).accepted_purchases, 1);
}
