//! Files that grow while they are followed, and while nobody follows them.

use crate::harness::home::Home;
use crate::harness::shop::{append, customer, lines, purchase, write};

#[test]
fn appended_rows_of_both_files_are_counted() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    append(&home.path("shop/achats.csv"), lines(purchase, 20..25));
    running.counts(35);
    append(&home.path("shop/clients.csv"), customer(10));
    let accounting = running.counts(36);
    assert_eq!((accounting.accepted_purchases, accounting.customer_versions), (25, 11));
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn a_last_line_without_its_end_is_one_row_once_it_is_completed() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    let (clients, achats) = (home.path("shop/clients.csv"), home.path("shop/achats.csv"));
    append(&achats, "A20,C0,2024-03-01 10:00:00,2.5");
    // Files are looked at in turn: between these two rows the purchases were looked at.
    append(&clients, customer(10));
    running.counts(31);
    append(&clients, customer(11));
    let accounting = running.counts(32);
    assert_eq!(accounting.accepted_purchases, 20, "an unfinished line was counted");
    append(&achats, "0,Écran\n");
    let accounting = running.counts(33);
    assert_eq!((accounting.accepted_purchases, accounting.quarantined.len()), (21, 0));
    let gold = running.gold();
    let screen = gold.products.iter().find(|row| &*row.product == "Écran").unwrap();
    assert_eq!((screen.orders, screen.revenue_cents), (1, 250));
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn a_file_that_appears_empty_may_get_its_header_and_rows_later() {
    let home = Home::new();
    write(&home, 10, 0);
    home.write("shop/achats.csv", "");
    let mut running = home.start("run shop").ready();
    running.counts(10);
    append(&home.path("shop/achats.csv"), crate::harness::shop::PURCHASES);
    append(&home.path("shop/achats.csv"), purchase(1));
    running.counts(11);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}

#[test]
fn a_file_that_appears_in_the_shops_folder_is_read_as_a_restart_would() {
    let home = Home::new();
    home.write(
        "shop/achats.csv",
        crate::harness::shop::PURCHASES.to_owned() + &lines(purchase, 0..5),
    );
    let mut running = home.start("run shop").ready();
    running.counts(5);
    home.write("shop/notes.csv", "a,b\n");
    home.write(
        "shop/Customers.csv",
        crate::harness::shop::CUSTOMERS.to_owned() + &lines(customer, 0..3),
    );
    assert_eq!(running.counts(8).customer_versions, 3);
    append(&home.path("shop/Customers.csv"), customer(3));
    running.counts(9);
    assert_eq!(running.end("TERM"), Some(0));
    home.ok("run shop --once");
    assert_eq!(home.accounting().rows(), 9);
}

#[test]
fn restarts_while_rows_are_appended_count_nothing_twice() {
    let home = Home::new();
    write(&home, 10, 1000);
    let achats = home.path("shop/achats.csv");
    let text = lines(purchase, 1000..6000);
    let writer = std::thread::spawn(move || {
        // Pieces that end anywhere in a line.
        text.as_bytes().chunks(97).for_each(|piece| append(&achats, piece));
    });
    let mut rounds = 0;
    while rounds < 8 || !writer.is_finished() {
        let running = home.start("run shop").ready();
        match rounds % 2 {
            0 => running.kill(),
            _ => assert_eq!(running.end("TERM"), Some(0)),
        }
        rounds += 1;
    }
    writer.join().unwrap();
    home.ok("run shop --once");
    let accounting = home.accounting();
    assert_eq!((accounting.accepted_purchases, accounting.rows()), (6000, 6010), "{accounting:?}");
    home.verify_equal();
}
