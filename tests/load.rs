//! `goldstream load`, and `run --purchases` beside a running goldstream: files handed over, counted once each.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::{CUSTOMERS, PURCHASES, append, customer, lines, purchase, write};
use crate::harness::wait::eventually;

fn purchases(home: &Home, name: &str, range: std::ops::Range<u64>) {
    home.write(name, PURCHASES.to_owned() + &lines(purchase, range));
}

#[test]
fn files_are_handed_to_the_running_goldstream_and_counted_once() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    // No line end behind the last row.
    home.write("more.csv", (PURCHASES.to_owned() + &lines(purchase, 20..500)).trim_end());
    home.write("people.csv", CUSTOMERS.to_owned() + &lines(customer, 10..15));
    let told = home.ask("load more.csv people.csv").expect(0);
    told.says(&["more.csv: 480 rows are read", "people.csv: 5 rows are read"]);
    assert_eq!(running.accounting().rows(), 515);
    home.ask("load more.csv").expect(0);
    let accounting = running.accounting();
    assert_eq!((accounting.rows(), accounting.duplicate_purchases), (515, 0));
    assert!(!running.get("/api/v1/status").contains("failing"));
    // It goes on from where it was.
    append(&home.path("people.csv"), customer(15));
    home.ask("load people.csv").expect(0).says(&["people.csv: 6 rows are read"]);
    assert_eq!(running.accounting().rows(), 516);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn run_beside_a_running_goldstream_hands_its_files_over() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    purchases(&home, "again.csv", 20..25);
    let told = home.ask("run --purchases again.csv").expect(0);
    told.says(&["a goldstream runs on", "5 rows are read"]);
    assert_eq!(running.accounting().rows(), 35);
    // A folder is a second server, which the store does not bear.
    home.ask("run shop").expect(1);
    assert_eq!(running.accounting().rows(), 35);
}

#[test]
fn a_file_that_is_followed_anyway_may_be_handed_over_too() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    append(&home.path("shop/achats.csv"), purchase(20));
    home.ask("load shop/achats.csv").expect(0);
    assert_eq!(running.accounting().rows(), 31);
    append(&home.path("shop/achats.csv"), purchase(21));
    running.counts(32);
}

#[test]
fn what_cannot_be_read_is_told_before_anything_is_handed_over() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    purchases(&home, "good.csv", 20..25);
    home.write("odd.csv", "a,b\n1,2\n");
    home.write("empty.csv", "");
    let both = CUSTOMERS.trim_end().to_owned() + "," + PURCHASES.replace("id_client,", "").as_str();
    home.write("both.csv", both + "C1,Ana,,,,P1,2024-03-01,1,x\n");
    home.ask("load good.csv odd.csv").expect(2).says(&["odd.csv", "if its rows are customers"]);
    home.ask("load empty.csv").expect(2).says(&["empty.csv is empty"]);
    home.ask("load none.csv").expect(2).says(&["none.csv"]);
    home.ask("load both.csv").expect(2).says(&["--customers or --purchases"]);
    home.ask("load -").expect(2);
    home.ask("load").expect(2);
    assert_eq!(running.accounting().rows(), 30);
    home.ask("load --customers both.csv").expect(0);
    assert_eq!(running.accounting().rows(), 31);
}

#[test]
fn where_none_runs_the_files_are_read_at_once() {
    let home = Home::new();
    write(&home, 10, 20);
    home.ok("run shop --once");
    purchases(&home, "more.csv", 20..25);
    home.ask("load more.csv").expect(0).says(&["no goldstream runs", "5 new rows counted"]);
    home.ask("load more.csv").expect(0).says(&["0 new rows counted"]);
    home.verify_equal();
}

#[test]
fn a_goldstream_that_is_killed_over_a_file_goes_on_with_it_when_it_runs_again() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop --rate 2000").ready();
    running.counts(30);
    purchases(&home, "large.csv", 20..9_000);
    let mut load = home.command("load large.csv").spawn().unwrap();
    eventually("the file is begun", || {
        let rows = running.accounting().rows();
        if rows > 200 { Ok(()) } else { Err(rows.to_string()) }
    });
    running.kill();
    load.kill().unwrap();
    load.wait().unwrap();
    let mut running = home.start("run shop").ready();
    running.counts(9_010);
    assert_eq!(running.accounting().duplicate_purchases, 0);
    eventually("nothing waits any more", || {
        match std::fs::read_dir(home.path(DATA).join("load")).unwrap().count() {
            0 => Ok(()),
            left => Err(left.to_string()),
        }
    });
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn an_interrupted_load_is_read_on_by_the_one_that_runs() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop --rate 500").ready();
    running.counts(30);
    purchases(&home, "large.csv", 20..1_500);
    let load =
        crate::harness::process::Running::new(home.command("load large.csv"), home.path(DATA));
    eventually("the file is begun", || {
        let rows = running.accounting().rows();
        if rows > 40 { Ok(()) } else { Err(rows.to_string()) }
    });
    assert_eq!(load.end("INT"), Some(130));
    running.counts(1_510);
}

#[test]
fn a_goldstream_that_is_told_to_end_over_a_file_takes_no_half_line_for_a_row() {
    for signal in ["INT", "TERM"] {
        let home = Home::new();
        write(&home, 10, 20);
        let mut running = home.start("run shop").ready();
        running.counts(30);
        purchases(&home, "large.csv", 20..400_000);
        let mut load = home.command("load large.csv").spawn().unwrap();
        eventually("the file is begun", || {
            let rows = running.accounting().rows();
            if rows > 1_000 { Ok(()) } else { Err(rows.to_string()) }
        });
        running.end(signal);
        let mut running = home.start("run shop").ready();
        // It finds the next one, and waits on.
        assert_eq!(load.wait().unwrap().code(), Some(0));
        let accounting = running.accounting();
        assert_eq!((accounting.rows(), accounting.accepted_purchases), (400_010, 400_000));
        assert_eq!(running.end("TERM"), Some(0));
        home.verify_equal();
    }
}

#[test]
fn a_packed_file_that_is_mended_is_read_and_holds_up_no_other() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    let whole = crate::harness::shop::gzipped(PURCHASES.to_owned() + &lines(purchase, 20..5_000));
    home.write("cut.csv.gz", &whole[..whole.len() - 10]);
    home.ask("load cut.csv.gz").expect(1).says(&["deflate"]);
    // Mended in place, and handed over again.
    home.write("cut.csv.gz", &whole);
    home.ask("load cut.csv.gz").expect(0);
    let accounting = running.counts(5_010);
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (5_000, 0));
    append(&home.path("shop/achats.csv"), purchase(6_000));
    running.counts(5_011);
}

#[test]
fn a_file_that_was_not_there_before_is_read_now() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    purchases(&home, "late.csv", 20..25);
    // A note of one that was killed, about a file that is away.
    let handed = goldstream_producers::handed::HandedOver::in_data_dir(&home.path(DATA));
    let kind = goldstream_domain::column::Kind::Purchases;
    std::fs::rename(home.path("late.csv"), home.path("away.csv")).unwrap();
    let late = goldstream_producers::files::named_input(kind, &home.path("late.csv")).unwrap();
    handed.add(&late).unwrap();
    eventually("it is missed", || {
        let status = running.get("/api/v1/status");
        if status.contains("failing") { Ok(()) } else { Err(status) }
    });
    std::fs::rename(home.path("away.csv"), home.path("late.csv")).unwrap();
    home.ask("load late.csv").expect(0);
    assert_eq!(running.accounting().rows(), 35);
}
