//! A disk that is full: it is said, what was acknowledged is there, and with more room it goes on.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::{Running, wait_for_end};
use crate::harness::shop::{rows, write};
use crate::harness::small_disk::SmallDisk;
use crate::harness::wait::eventually;

const DISK: &str = "disk";
const DATA: &str = "disk/data";

fn row(number: usize) -> String {
    let product = "p".repeat(900);
    format!(
        r#"{{"id_achat":"N{number}","id_client":"1","date_achat":"2024-03-01","montant":"1","produit":"{product}"}}"#
    )
}

#[test]
fn a_full_disk_is_said_clearly_and_with_more_room_everything_is_counted() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 3000 --purchase-count 60000 --dirt 5 --seed 9");
    home.ok("run shop --once --data-dir undisturbed");
    let undisturbed = home.ok("export gold --data-dir undisturbed");
    let disk = SmallDisk::mount(&home, DISK, 5);
    let inside = |line: &str| {
        let line = format!("{line} --data-dir {DATA}");
        wait_for_end(disk.command(&home.command(&line)).spawn().unwrap(), &line)
    };
    inside("run shop --once").expect(1).says(&["cannot be written", "No space left", "free some"]);
    // Still full: no panic and no other sentence.
    inside("run shop --once").expect(1).says(&["No space left"]);
    disk.resize(200);
    inside("run shop --once").expect(0);
    let said = inside("verify").expect(0).stdout;
    assert!(said.starts_with("equal"), "{said}");
    assert!(inside("export gold").expect(0).stdout == undisturbed, "gold is another one");
    assert!(rows(&home.path("shop/achats.csv")) > 60_000);
}

#[test]
fn rows_that_were_acknowledged_before_the_disk_was_full_are_there_afterwards() {
    let home = Home::new();
    write(&home, 1, 1);
    let disk = SmallDisk::mount(&home, DISK, 5);
    let command = || disk.command(&home.command(&format!("run shop --data-dir {DATA}")));
    let mut running = Running::new(command(), home.path(DATA)).ready();
    let url = format!("http://{}/api/v1/purchases", running.address());
    let mut acknowledged = 0;
    // Each row is a kilobyte: the disk is full long before the last.
    for number in 0..100_000 {
        match http::post(&url, "application/json", &row(number)) {
            Ok((202, _)) => acknowledged += 1,
            _ => break,
        }
    }
    let (code, said) = running.wait();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("No space left"), "{said}");
    assert!((100..100_000).contains(&acknowledged), "{acknowledged} rows");
    disk.resize(200);
    let mut running = Running::new(command(), home.path(DATA)).ready();
    eventually("all of them are counted", || match running.accounting().accepted_purchases {
        counted if counted > acknowledged => Ok(()),
        counted => Err(format!("{counted}, and {acknowledged} were acknowledged")),
    });
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn every_question_is_answered_on_a_full_disk_and_nothing_is_lost_by_asking() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 3000 --purchase-count 60000 --dirt 5 --seed 9");
    home.ok("run shop --once --data-dir undisturbed");
    let undisturbed = home.ok("export gold --data-dir undisturbed");
    let disk = SmallDisk::mount(&home, DISK, 5);
    let inside = |line: &str| {
        let line = format!("{line} --data-dir {DATA}");
        wait_for_end(disk.command(&home.command(&line)).spawn().unwrap(), &line)
    };
    inside("run shop --once").expect(1).says(&["No space left"]);
    let questions = || {
        // Nothing reads files: what was counted is what had been acknowledged, the same each time.
        let gold = inside("export gold").expect(0).stdout;
        let status = inside("status").expect(0).stdout;
        assert!(status.contains("accepted_purchases"), "{status}");
        let refused = inside("quarantine list --corrected all").expect(0).stdout;
        assert!(refused.contains("purchases.bad_date"), "{refused}");
        let verified = inside("verify").expect(0).stdout;
        assert!(verified.starts_with("equal"), "{verified}");
        gold
    };
    let first = questions();
    disk.fill();
    let told = inside("doctor").expect(3).stdout;
    assert!(told.contains("mend  disk/data cannot be written"), "{told}");
    assert!(questions() == first, "another gold where not a byte is free");
    disk.resize(200);
    let told = inside("doctor").expect(0).stdout;
    assert!(told.contains("ok    disk/data can be written"), "{told}");
    inside("run shop --once").expect(0);
    assert!(inside("export gold").expect(0).stdout == undisturbed, "gold is another one");
}
