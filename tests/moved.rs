//! Files whose path is another one than when they were read: known by what was read of them.

use crate::harness::home::Home;
use crate::harness::shop::{PURCHASES, append, lines, purchase, write};
use crate::harness::wait::eventually;
use std::fs::{copy, create_dir, rename};

fn counted(home: &Home) -> (u64, u64) {
    let accounting = home.accounting();
    (accounting.rows(), accounting.duplicate_purchases)
}

#[test]
fn a_moved_shop_folder_goes_on_where_it_was_left() {
    let home = Home::new();
    write(&home, 10, 200);
    home.ok("run shop --once");
    rename(home.path("shop"), home.path("moved")).unwrap();
    home.ask("run moved --once").expect(0).says(&["0 new rows", "the file has moved"]);
    assert_eq!(counted(&home), (210, 0));
    append(&home.path("moved/achats.csv"), lines(purchase, 200..205));
    let mut running = home.start("run moved").ready();
    running.counts(215);
    append(&home.path("moved/achats.csv"), purchase(205));
    running.counts(216);
    let status = running.get("/api/v1/status");
    assert!(status.contains("/moved/achats.csv\"") && !status.contains("/shop/"), "{status}");
    assert_eq!(running.end("TERM"), Some(0));
    rename(home.path("moved"), home.path("again")).unwrap();
    home.ok("run again --once");
    assert_eq!(counted(&home), (216, 0));
    home.ask("verify --files again").expect(0);
}

#[test]
fn one_that_was_killed_half_way_and_moved_has_each_row_once() {
    let home = Home::new();
    write(&home, 10, 20_000);
    let mut running = home.start("run shop --rate 5000").ready();
    eventually("some rows are counted", || {
        let rows = running.accounting().rows();
        if rows > 3_000 { Ok(()) } else { Err(rows.to_string()) }
    });
    running.kill();
    rename(home.path("shop"), home.path("moved")).unwrap();
    home.ok("run moved --once");
    assert_eq!(counted(&home), (20_010, 0));
    home.verify_equal();
}

#[test]
fn a_copy_is_a_file_of_its_own_as_long_as_the_first_stands_there() {
    let home = Home::new();
    write(&home, 10, 200);
    home.ok("run shop --once");
    create_dir(home.path("copy")).unwrap();
    copy(home.path("shop/achats.csv"), home.path("copy/achats.csv")).unwrap();
    home.ok("run copy --once");
    assert_eq!(counted(&home), (410, 200));
    // Another one under the old name and the first elsewhere: the first is known.
    rename(home.path("shop/achats.csv"), home.path("shop/january.csv")).unwrap();
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 200..203));
    home.ok("load shop/january.csv");
    assert_eq!(counted(&home), (410, 200));
    home.ok("run shop --once");
    assert_eq!(counted(&home), (413, 200));
    home.verify_equal();
}

#[test]
fn a_file_moved_and_rewritten_is_another_one() {
    let home = Home::new();
    write(&home, 10, 200);
    home.ok("run shop --once");
    rename(home.path("shop"), home.path("moved")).unwrap();
    let text = PURCHASES.to_owned() + &lines(purchase, 1..201);
    home.write("moved/achats.csv", text);
    home.ok("run moved --once");
    assert_eq!(counted(&home), (410, 199));
    home.verify_equal();
}

#[test]
fn a_packed_file_is_known_by_what_is_in_it() {
    let home = Home::new();
    write(&home, 10, 200);
    let rows = std::fs::read(home.path("shop/achats.csv")).unwrap();
    std::fs::remove_file(home.path("shop/achats.csv")).unwrap();
    home.write("shop/achats.csv.gz", crate::harness::shop::gzipped(&rows));
    home.ok("run shop --once");
    rename(home.path("shop"), home.path("moved")).unwrap();
    home.ok("run moved --once");
    assert_eq!(counted(&home), (210, 0));
}

#[test]
fn on_servers_a_moved_file_goes_on_too() {
    let home = Home::on_servers("moved");
    write(&home, 10, 200);
    home.ok("run shop --once");
    rename(home.path("shop"), home.path("moved")).unwrap();
    append(&home.path("moved/achats.csv"), lines(purchase, 200..205));
    home.ok("run moved --once");
    assert_eq!(counted(&home), (215, 0));
    home.write("more.csv", PURCHASES.to_owned() + &lines(purchase, 205..210));
    let mut consumers = home.start("run moved").ready();
    home.ask("load more.csv").expect(0);
    assert_eq!(consumers.accounting().rows(), 220);
    home.ask("load more.csv").expect(0);
    assert_eq!(consumers.accounting().rows(), 220);
    assert_eq!(consumers.end("TERM"), Some(0));
    home.verify_equal();
}
