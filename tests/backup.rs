//! `backup` and `version`: a copy of the store as it stands at one moment, which counts right wherever it is put;
//! and who wrote a store.

use crate::harness::home::{DATA, Home};
use crate::harness::pages::{commands, text};
use crate::harness::process::wait_for_end;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::small_disk::SmallDisk;
use goldstream_platform::topology::LOGIC_VERSION;
use std::fs;
use std::path::Path;
use std::process::Command;

const FILE: &str = "goldstream.redb";

/// The store that a backup becomes in a home of its own, beside the same shop.
fn restored(home: &Home, backup: &str) -> Home {
    let restored = Home::new();
    fs::create_dir_all(restored.path(DATA)).unwrap();
    fs::copy(home.path(backup), restored.path(DATA).join(FILE)).unwrap();
    restored
}

#[test]
fn a_backup_that_is_made_while_rows_come_in_counts_right_and_reads_on() {
    let home = Home::new();
    write(&home, 20, 300);
    let mut running = home.start("run shop").ready();
    running.counts(320);
    for round in 0..5_u64 {
        let more = lines(purchase, 300 + round * 1000..300 + (round + 1) * 1000);
        append(&home.path("shop/achats.csv"), more);
        let counted = running.accounting().rows();
        home.ask("backup now.backup").expect(0).says(&["bytes in now.backup"]);
        let restored = restored(&home, "now.backup");
        restored.verify_equal();
        let rows = restored.accounting().rows();
        assert!(rows >= counted && rows <= 320 + (round + 1) * 1000, "{counted} {rows}");
        // How far the files were read is known to it.
        restored.ok(&format!("run {} --once", home.path("shop").display()));
        assert_eq!(restored.accounting().rows(), 320 + (round + 1) * 1000);
        assert_eq!(restored.accounting().duplicate_purchases, 0);
    }
    assert_eq!(running.end("TERM"), Some(0));
    let left: Vec<_> = fs::read_dir(home.path(DATA)).unwrap().map(Result::unwrap).collect();
    let left: Vec<_> =
        left.iter().filter(|it| it.path().extension() == Some("tmp".as_ref())).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_backup_is_its_owners_alone_and_takes_the_place_of_the_one_before_as_a_whole() {
    let home = Home::new();
    write(&home, 5, 30);
    home.ask("backup shop.backup").expect(1).says(&["no store"]);
    assert!(!home.path("shop.backup").exists());
    home.ok("run shop --once");
    home.ok("backup shop.backup");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = fs::metadata(home.path("shop.backup")).unwrap().permissions().mode() & 0o777;
        assert_eq!(rights, 0o600);
    }
    append(&home.path("shop/achats.csv"), lines(purchase, 30..40));
    home.ok("run shop --once");
    home.ok("backup shop.backup");
    let restored = restored(&home, "shop.backup");
    assert_eq!(restored.gold_text(), home.gold_text());
    home.ask("backup").expect(2);
    home.ask("backup nowhere/shop.backup").expect(1).says(&["nowhere/shop.backup"]);
    home.ask("backup a.backup --kafka h:1 --redis redis://h").expect(2).says(&["topics of bronze"]);
}

#[test]
fn every_command_of_the_page_on_operating_does_what_it_should() {
    let home = Home::new();
    write(&home, 5, 30);
    home.ok("run shop --once");
    for line in commands(&text("docs/operating.md")) {
        let goldstream = home.command("version");
        let folder = Path::new(goldstream.get_program()).parent().unwrap().display().to_string();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).env("PATH", path).current_dir(home.path(""));
        shell.env("GOLDSTREAM_DATA_DIR", home.path(DATA));
        let answer = shell.output().unwrap();
        let said = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "{line}: {said}");
        if line.starts_with("goldstream verify") {
            let shown = String::from_utf8_lossy(&answer.stdout);
            assert_eq!(shown, "equal: gold is the batch over its 35 rows\n");
        }
    }
}

#[test]
fn the_version_of_the_program_and_of_the_store_are_told() {
    let home = Home::new();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        home.ok("version"),
        format!("goldstream {version} (logic version {LOGIC_VERSION})\n")
    );
    home.ask("version --store").expect(1).says(&["no store"]);
    write(&home, 5, 30);
    home.ok("run shop --once");
    let folded =
        |number: u32| format!("generation {number}, folded by logic version {LOGIC_VERSION}");
    let of_store = format!("store: {}, written by goldstream {version}", folded(0));
    assert!(home.ok("version --store").contains(&of_store));
    home.ok("rebuild");
    assert!(home.ok("version --store").contains(&folded(1)));
    let running = home.start("run shop").ready();
    assert!(home.ok("version --store").contains("in use by goldstream"));
    assert_eq!(running.end("TERM"), Some(0));
    super::rebuild::fold_by(&home, 999);
    assert!(home.ok("version --store").contains("folded by logic version 999, written by"));
}

#[test]
fn no_output_takes_the_place_of_a_store() {
    let home = Home::new();
    write(&home, 5, 30);
    home.ok("run shop --once");
    let store = format!("{DATA}/{FILE}");
    let mut running = home.start("run shop").ready();
    home.ask(&format!("backup {store}")).expect(1).says(&["it is a store"]);
    home.ask(&format!("export gold -o {store}")).expect(1).says(&["it is a store"]);
    append(&home.path("shop/achats.csv"), lines(purchase, 30..40));
    running.counts(45);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    assert_eq!(home.accounting().rows(), 45);
}

#[test]
fn a_backup_counts_nothing_and_needs_no_room_beside_the_store() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 300 --purchase-count 60000 --dirt 5");
    let disk = SmallDisk::mount(&home, "disk", 200);
    let inside = |line: &str| {
        let line = format!("{line} --data-dir disk/data");
        wait_for_end(disk.command(&home.command(&line)).spawn().unwrap(), &line)
    };
    inside("run shop --once").expect(0);
    let gold = inside("export gold").expect(0).stdout;
    disk.fill();
    disk.resize(201);
    // No room for all that once more: what is served stays, and nothing else is hurt.
    inside("rebuild").expect(1).says(&["make room"]);
    assert!(inside("export gold").expect(0).stdout == gold);
    inside("backup small.backup").expect(0).says(&["bytes in small.backup"]);
    let restored = restored(&home, "small.backup");
    restored.verify_equal();
    assert!(restored.gold_text() == gold);
}
