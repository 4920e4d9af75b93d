//! Followed files that change under goldstream: what a restart would find is found while it runs, and
//! an input that cannot be read ends nothing.

use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::shop::{
    CUSTOMERS, PURCHASES, append, customer, gzipped, lines, purchase, write,
};
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Accounting;
use std::fs::{Permissions, remove_file, rename, set_permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

fn purchases(accounting: &Accounting) -> (u64, u64) {
    (accounting.accepted_purchases, accounting.duplicate_purchases)
}

/// A shop of 10 customers and these purchases, being followed.
fn followed(text: &str) -> (Home, Running) {
    let home = Home::new();
    write(&home, 10, 0);
    home.write("shop/achats.csv", PURCHASES.to_owned() + text);
    let running = home.start("run shop").ready();
    (home, running)
}

fn end(home: &Home, running: Running, rows: u64) {
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    // A restart finds nothing that was not found.
    home.ok("run shop --once");
    assert_eq!(home.accounting().rows(), rows);
}

/// Waits until an input is in trouble, and gives the words.
fn trouble(running: &mut Running) -> String {
    eventually("an input stands still", || {
        let status = running.status();
        let troubles = status["troubles"].as_object().unwrap();
        let of_input = troubles.iter().find(|(name, _)| name.starts_with("input file:"));
        let words = of_input.map(|(_, words)| words.as_str().unwrap().to_owned());
        words.ok_or_else(|| status["inputs"].to_string())
    })
}

fn no_trouble(running: &mut Running) {
    eventually("no input stands still", || {
        let status = running.status();
        let troubles = status["troubles"].as_object().unwrap();
        if troubles.is_empty() { Ok(()) } else { Err(status["troubles"].to_string()) }
    });
}

#[test]
fn a_file_rewritten_in_place_is_read_again_whole_whether_longer_or_as_long() {
    let (home, mut running) = followed(&lines(purchase, 0..5));
    running.counts(15);
    let text = PURCHASES.to_owned() + &lines(purchase, 100..120);
    home.write("shop/achats.csv", text.clone());
    assert_eq!(purchases(&running.counts(35)), (25, 0));
    // One digit of an early row, and nothing else.
    let edited = text.replacen("A100,C0", "A900,C0", 1);
    assert_eq!(edited.len(), text.len());
    home.write("shop/achats.csv", edited);
    assert_eq!(purchases(&running.counts(55)), (26, 19));
    append(&home.path("shop/achats.csv"), purchase(120));
    assert_eq!(purchases(&running.counts(56)), (27, 19));
    end(&home, running, 56);
}

#[test]
fn an_edit_deep_in_a_large_file_is_found_though_the_file_grows_meanwhile() {
    let rows = 40_000;
    let (home, mut running) = followed(&lines(purchase, 0..rows));
    running.counts(10 + rows);
    let achats = home.path("shop/achats.csv");
    let text = std::fs::read_to_string(&achats).unwrap();
    assert!(text.len() > 1 << 20);
    let mut file = std::fs::OpenOptions::new().write(true).open(&achats).unwrap();
    let at = text.find("A20000,").unwrap() as u64;
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(at)).unwrap();
    std::io::Write::write_all(&mut file, b"B20000,").unwrap();
    append(&achats, purchase(rows));
    let accounting = eventually("the edited row is counted", || {
        let accounting = running.accounting();
        let is_there = accounting.accepted_purchases == rows + 2;
        if is_there { Ok(accounting) } else { Err(format!("{accounting:?}")) }
    });
    // The appended row was read by itself, or with the whole file only.
    assert!(accounting.duplicate_purchases >= rows - 1, "{accounting:?}");
    let rows = accounting.rows();
    end(&home, running, rows);
}

#[test]
fn ten_rotations_with_a_row_right_before_each_lose_none() {
    let (home, mut running) = followed(&lines(purchase, 0..5));
    running.counts(15);
    let achats = home.path("shop/achats.csv");
    for round in 0..10 {
        append(&achats, purchase(100 + round));
        rename(&achats, home.path(format!("shop/old.{round}"))).unwrap();
        home.write("shop/achats.csv", PURCHASES.to_owned() + &purchase(200 + round));
        running.counts(15 + 2 * (round + 1));
    }
    assert_eq!(purchases(&running.accounting()), (25, 0));
    end(&home, running, 35);
}

#[test]
fn files_that_stand_for_less_than_a_second_after_a_gap_are_read() {
    let (home, mut running) = followed(&lines(purchase, 0..5));
    running.counts(15);
    let achats = home.path("shop/achats.csv");
    for round in 1..6 {
        rename(&achats, home.path(format!("old.{round}"))).unwrap();
        // A rotation's steps, and how long it leaves the new file alone: nothing is waited for.
        std::thread::sleep(std::time::Duration::from_millis(100));
        let rows = lines(purchase, round * 10..round * 10 + 5);
        home.write("shop/achats.csv", PURCHASES.to_owned() + &rows);
        running.counts(15 + 5 * round);
    }
    assert!(!running.said().contains("stands still"), "{}", running.said());
    end(&home, running, 40);
}

#[test]
fn a_link_that_is_set_anew_leads_to_the_file_that_is_read_its_own_or_its_folders() {
    for of_folder in [true, false] {
        let home = Home::new();
        write(&home, 10, 2);
        home.write("v1/achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..2));
        home.write("v2/achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..3));
        let (link, targets) = match of_folder {
            true => ("now", ["v1", "v2"]),
            false => ("now.csv", ["v1/achats.csv", "v2/achats.csv"]),
        };
        symlink(targets[0], home.path(link)).unwrap();
        let file = if of_folder { "now/achats.csv" } else { "now.csv" };
        let line = format!("run --purchases {file}");
        let mut running = home.start(&line).ready();
        running.counts(2);
        symlink(targets[1], home.path("next")).unwrap();
        rename(home.path("next"), home.path(link)).unwrap();
        assert_eq!(purchases(&running.counts(3)), (3, 0));
        append(&home.path("v2/achats.csv"), purchase(3));
        running.counts(4);
        assert_eq!(running.end("TERM"), Some(0));
        home.ok(&format!("{line} --once"));
        assert_eq!(home.accounting().rows(), 4);
    }
}

#[test]
fn a_file_that_is_away_or_unreadable_is_told_and_the_others_go_on() {
    let (home, mut running) = followed(&lines(purchase, 0..5));
    running.counts(15);
    let achats = home.path("shop/achats.csv");
    remove_file(&achats).unwrap();
    assert!(trouble(&mut running).contains("achats.csv"));
    assert!(running.get("/metrics").contains("state=\"failing\"} 1"));
    append(&home.path("shop/clients.csv"), customer(10));
    running.counts(16);
    home.write("new.csv", PURCHASES.to_owned() + &lines(purchase, 0..6));
    // Root reads whatever the rights are, so a folder takes the place of what cannot be read.
    std::fs::create_dir(&achats).unwrap();
    assert!(trouble(&mut running).contains("achats.csv"));
    std::fs::remove_dir(&achats).unwrap();
    // Opening a pipe without a writer would wait for ever, and everything with it.
    assert!(Command::new("mkfifo").arg(&achats).status().unwrap().success());
    assert!(trouble(&mut running).contains("achats.csv"));
    append(&home.path("shop/clients.csv"), customer(11));
    running.counts(17);
    remove_file(&achats).unwrap();
    set_permissions(home.path("new.csv"), Permissions::from_mode(0o600)).unwrap();
    rename(home.path("new.csv"), &achats).unwrap();
    assert_eq!(purchases(&running.counts(18)), (6, 0));
    no_trouble(&mut running);
    end(&home, running, 18);
}

#[test]
fn a_file_that_breaks_off_is_told_and_what_was_read_of_others_stays_theirs() {
    let home = Home::new();
    write(&home, 0, 20);
    let whole = CUSTOMERS.to_owned() + &lines(customer, 0..30_000);
    let packed = gzipped(whole);
    home.write("broken/clients.csv.gz", &packed[..packed.len() / 2]);
    let line = "run --customers broken/clients.csv.gz --purchases shop/achats.csv";
    let mut running = home.start(line).ready();
    trouble(&mut running);
    let read = eventually("both are read", || {
        let accounting = running.accounting();
        let is_read = accounting.accepted_purchases == 20 && accounting.customer_versions > 10_000;
        if is_read { Ok(accounting.rows()) } else { Err(format!("{accounting:?}")) }
    });
    append(&home.path("shop/achats.csv"), purchase(20));
    running.counts(read + 1);
    running.kill();
    home.write("broken/clients.csv.gz", packed);
    home.ok(&format!("{line} --once"));
    // Neither was begun anew.
    assert_eq!(home.accounting().rows(), 30_000 + 21);
    home.verify_equal();
}

#[test]
fn a_wrong_header_stops_its_file_only_until_it_is_right_again() {
    let (home, mut running) = followed(&lines(purchase, 0..5));
    running.counts(15);
    home.write("shop/achats.csv", "order,date,price\n1,2024-03-01,5\n");
    let words = trouble(&mut running);
    assert!(words.contains("id_achat") && words.contains("order, date, price"), "{words}");
    append(&home.path("shop/clients.csv"), customer(10));
    running.counts(16);
    running.get("/readyz");
    // Emptied and written on by a program that has it open: no header either.
    home.write("shop/achats.csv", purchase(7));
    let words = trouble(&mut running);
    assert!(words.contains("id_achat"), "{words}");
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 3..7));
    assert_eq!(purchases(&running.counts(20)), (7, 2));
    no_trouble(&mut running);
    end(&home, running, 20);
}

#[test]
fn a_last_line_without_its_end_is_a_row_when_its_file_is_rotated_away() {
    let (home, mut running) = followed(&lines(purchase, 0..5));
    running.counts(15);
    let achats = home.path("shop/achats.csv");
    append(&achats, purchase(5).trim_end());
    home.write("next.csv", PURCHASES.to_owned() + &purchase(6));
    rename(home.path("next.csv"), &achats).unwrap();
    assert_eq!(purchases(&running.counts(17)), (7, 0));
    end(&home, running, 17);
}
