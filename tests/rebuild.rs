//! `rebuild` of a data directory: all rows are counted again beside what is served, which is replaced in one
//! step; and stores of other versions, which are folded again or refused.

use crate::harness::feed::Feed;
use crate::harness::home::{DATA, Home};
use crate::harness::process::Running;
use crate::harness::shop::{append, write};
use crate::harness::wait::eventually;
use crate::spoiled::spoil;
use goldstream_platform::topology::LOGIC_VERSION;
use redb::{Database, ReadableTable, TableDefinition};
use serde_json::{Value, json};
use std::time::Duration;

const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// Writes into the file that its state was folded by another logic version.
pub(crate) fn fold_by(home: &Home, logic_version: u32) {
    let database = Database::open(home.path(DATA).join("goldstream.redb")).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut meta = write.open_table(META).unwrap();
        let stored = meta.get("topology").unwrap().unwrap().value().to_owned();
        let mut topology: Value = serde_json::from_str(&stored).unwrap();
        topology["logic_version"] = json!(logic_version);
        meta.insert("topology", topology.to_string().as_str()).unwrap();
    }
    write.commit().unwrap();
}

fn epoch(running: &mut Running) -> String {
    running.status()["epoch"].as_str().unwrap().to_owned()
}

/// A shop that takes a while to count.
fn large() -> Home {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 500 --purchase-count 400000 --dirt 5");
    home.ok("run shop --once");
    home
}

#[test]
fn gold_that_somebody_changed_is_right_again_and_no_row_is_read_or_lost() {
    let home = Home::new();
    write(&home, 20, 300);
    home.ok("run shop --once");
    let (gold, bronze) = (home.gold_text(), home.ok("export bronze"));
    let refused = home.ok("export quarantine");
    spoil(&home, 2);
    home.ask("verify").expect(3);
    home.ask("rebuild").expect(0).says(&["counting all rows again", "served from now on"]);
    home.verify_equal();
    assert!(home.gold_text() == gold, "gold is what it was");
    assert!(home.ok("export bronze") == bronze, "bronze is untouched");
    assert!(home.ok("export quarantine") == refused);
    // Its files are known: nothing is read again.
    home.ok("run shop --once");
    assert!(home.gold_text() == gold, "no row was counted as a duplicate");
}

#[test]
fn where_there_is_no_store_none_is_made() {
    let home = Home::new();
    home.ask("rebuild").expect(1).says(&["no store", DATA]);
    assert!(!home.path(DATA).exists());
}

#[test]
fn a_running_goldstream_serves_what_it_has_and_goes_over_in_one_step() {
    let home = large();
    let gold = home.gold_text();
    let spoiled = spoil(&home, 1).remove(0);
    let mut running = home.start("run shop").ready();
    let before = epoch(&mut running);
    let of_spoiled = |running: &mut Running| {
        let row = running.get(&format!("/api/v1/customers/{spoiled}"));
        serde_json::from_str::<Value>(&row).unwrap()["revenue_cents"].as_i64().unwrap()
    };
    let wrong = of_spoiled(&mut running);
    let mut feed = Feed::connect(&running.address());
    assert_eq!(feed.next()["op"], "hello");
    feed.send(
        &json!({ "op": "subscribe", "id": "main", "views": { "summary": {}, "accounting": {} } }),
    );
    let snapshot = feed.next();
    assert_eq!((&snapshot["op"], &snapshot["epoch"]), (&json!("snapshot"), &json!(before)));
    home.ask("rebuild").expect(0).says(&["serves what it has meanwhile", "are counted again"]);
    eventually("it is another epoch", || match epoch(&mut running) {
        epoch if epoch != before => Ok(()),
        epoch => Err(epoch),
    });
    eventually("the spoiled row is right", || match of_spoiled(&mut running) {
        right if right == wrong - 1 => Ok(()),
        other => Err(other.to_string()),
    });
    let told = eventually("the feed begins the new epoch by itself", || {
        let message = feed.next();
        let is_new = message["op"] == "snapshot" && message["epoch"] != json!(before);
        if is_new { Ok(message) } else { Err(message.to_string()) }
    });
    assert_eq!(told["epoch"], json!(epoch(&mut running)));
    assert_eq!(running.status()["rebuild"], Value::Null);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    assert!(home.gold_text() == gold);
}

#[test]
fn rows_that_come_during_a_rebuild_are_in_what_is_served_after_it() {
    let home = large();
    let mut running = home.start("run shop").ready();
    let before = running.accounting();
    let rebuilding = home.start("rebuild");
    for number in 0..40 {
        let row = json!({
            "id_achat": format!("late-{number}"), "id_client": "1", "produit": "Café",
            "date_achat": "2024-03-01 10:00:00", "montant": "12.50",
        });
        running.post("/api/v1/purchases", &row.to_string());
    }
    let (code, said) = rebuilding.wait();
    assert_eq!(code, Some(0), "{said}");
    let after = running.counts(before.rows() + 40);
    assert_eq!(after.accepted_purchases, before.accepted_purchases + 40);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    assert_eq!(home.accounting(), after);
}

#[test]
fn a_rebuild_that_is_killed_at_any_moment_goes_on_or_begins_again() {
    let home = large();
    let (gold, bronze) = (home.gold_text(), home.ok("export bronze"));
    let mut in_the_middle = 0;
    for round in 0..20 {
        let rebuild = home.start("rebuild");
        std::thread::sleep(Duration::from_millis(round * 40));
        rebuild.kill();
        // The answer is that of one whole generation, whichever.
        let answer = home.ask("verify").expect(0);
        in_the_middle += usize::from(answer.stderr.contains("counting all rows again"));
        assert!(home.gold_text() == gold, "after {} ms", round * 40);
    }
    assert!(in_the_middle > 3, "only {in_the_middle} of 20 were killed before they were over");
    home.ok("rebuild");
    home.verify_equal();
    assert!(home.gold_text() == gold && home.ok("export bronze") == bronze);
}

#[test]
fn a_running_goldstream_that_is_killed_during_a_rebuild_goes_on_with_it() {
    let home = large();
    let gold = home.gold_text();
    for wait_ms in [0, 100, 300, 600] {
        let mut running = home.start("run shop").ready();
        running.post("/api/v1/rebuild", "");
        std::thread::sleep(Duration::from_millis(wait_ms));
        running.kill();
        let mut running = home.start("run shop").ready();
        eventually("it is over", || match running.status()["rebuild"].clone() {
            Value::Null => Ok(()),
            under_way => Err(under_way.to_string()),
        });
        assert_eq!(running.end("TERM"), Some(0));
        home.verify_equal();
        assert!(home.gold_text() == gold, "after {wait_ms} ms");
    }
}

#[test]
fn what_an_older_version_folded_is_served_until_it_is_counted_again() {
    let home = large();
    let gold = home.gold_text();
    let spoiled = spoil(&home, 1).remove(0);
    fold_by(&home, 1);
    let mut running = home.start("run shop").ready();
    let status = running.status();
    let rebuild = &status["rebuild"];
    assert_eq!(
        (&rebuild["generation"], &rebuild["logic_version"]),
        (&json!(1), &json!(LOGIC_VERSION)),
        "{status}"
    );
    let revenue = |running: &mut Running| {
        let row = running.get(&format!("/api/v1/customers/{spoiled}"));
        serde_json::from_str::<Value>(&row).unwrap()["revenue_cents"].as_i64().unwrap()
    };
    let old = (status["epoch"].clone(), revenue(&mut running));
    assert!(running.get("/metrics").contains("goldstream_rebuild_rows "));
    eventually("it is over", || match running.status()["rebuild"].clone() {
        Value::Null => Ok(()),
        under_way => Err(under_way.to_string()),
    });
    let new = eventually("what is served is the new one", || {
        let epoch = running.status()["epoch"].clone();
        if epoch == old.0 { Err(epoch.to_string()) } else { Ok(revenue(&mut running)) }
    });
    assert_eq!(new, old.1 - 1, "before it was what was stored, now it is what the rows give");
    assert!(!running.get("/metrics").contains("goldstream_rebuild_rows "));
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    assert!(home.gold_text() == gold);
}

#[test]
fn a_question_to_a_store_of_an_older_version_is_answered_once_it_is_counted_again() {
    let home = Home::new();
    write(&home, 20, 300);
    home.ok("run shop --once");
    let gold = home.gold_text();
    for question in ["verify", "export gold", "run shop --once", "status"] {
        spoil(&home, 1);
        fold_by(&home, 1);
        home.ask(question).expect(0).says(&["counting all rows again", "served from now on"]);
        assert!(home.gold_text() == gold, "after {question}");
    }
}

#[test]
fn a_store_of_a_later_version_is_left_alone_by_every_command_and_its_version_is_named() {
    let home = Home::new();
    write(&home, 5, 30);
    home.ok("run shop --once");
    fold_by(&home, 999);
    for command in ["run shop --once", "run shop", "status", "verify", "export gold", "rebuild"] {
        let version = env!("CARGO_PKG_VERSION");
        home.ask(command).expect(1).says(&["logic version 999", "written by goldstream", version]);
    }
    fold_by(&home, LOGIC_VERSION);
    home.verify_equal();
}

#[test]
fn another_number_of_future_days_is_taken_by_a_rebuild_and_by_nothing_else() {
    let home = Home::new();
    write(&home, 1, 1);
    append(&home.path("shop/achats.csv"), "A9,C0,2099-03-01,7.00,Souris\n");
    home.ok("run shop --once");
    assert_eq!(home.accounting().accepted_purchases, 1);
    home.ask("run shop --once --future-days 40000").expect(1).says(&["future_days"]);
    home.ask("rebuild --future-days 40000").expect(0).says(&["served from now on"]);
    assert_eq!(home.accounting().accepted_purchases, 2);
    home.verify_equal();
    home.ok("run shop --once");
    home.ok("run shop --once --future-days 40000");
    home.ask("run shop --once --future-days 2").expect(1).says(&["future_days"]);
}

/// The revenue of a customer, as the store has it.
fn revenue_of(home: &Home, customer: &str) -> i64 {
    let gold: Value = serde_json::from_str(&home.gold_text()).unwrap();
    let mut rows = gold["customers"].as_array().unwrap().iter();
    let row = rows.find(|row| row["customer_id"] == *customer).unwrap();
    row["revenue_cents"].as_i64().unwrap()
}

#[test]
fn what_was_served_before_is_served_again_with_the_rows_that_came_since() {
    let home = Home::new();
    write(&home, 20, 300);
    home.ok("run shop --once");
    home.ask("rebuild --back").expect(1).says(&["no generation is kept"]);
    let spoiled = spoil(&home, 1).remove(0);
    let wrong = revenue_of(&home, &spoiled);
    home.ok("rebuild");
    assert_eq!(revenue_of(&home, &spoiled), wrong - 1);
    let told = home.ok("version --store");
    let kept = format!("generation 0, folded by logic version {LOGIC_VERSION} is kept until");
    assert!(told.contains("generation 1,") && told.contains(&kept), "{told}");
    append(&home.path("shop/achats.csv"), "A900,C19,2024-03-01,7.00,Souris\n");
    home.ok("run shop --once");
    // Whatever was wrong with it is again; nothing that came since is missing.
    home.ok("rebuild --back");
    assert_eq!((revenue_of(&home, &spoiled), home.accounting().rows()), (wrong, 321));
    home.ask("verify").expect(3);
    let mut running = home.start("run shop").ready();
    running.counts(321);
    home.ask("rebuild --back").expect(0);
    assert_eq!(running.end("TERM"), Some(0));
    assert_eq!(revenue_of(&home, &spoiled), wrong - 1);
    home.verify_equal();
    home.ok("rebuild --keep-old 0s");
    assert!(!home.ok("version --store").contains("kept"));
    home.ask("rebuild --back").expect(1).says(&["no generation is kept"]);
    home.ask("rebuild --keep-old soon").expect(2);
    home.ask("rebuild --keep-old 4000d").expect(2).says(&["ten years"]);
    home.ask("rebuild --keep-old -1d").expect(2);
    home.ask("rebuild --back --keep-old 1d").expect(2);
}

#[test]
fn the_way_back_to_an_older_version_leaves_the_store_as_that_version_had_it() {
    let home = Home::new();
    write(&home, 20, 300);
    home.ok("run shop --once");
    let gold = home.gold_text();
    spoil(&home, 1);
    fold_by(&home, 1);
    home.ok("verify");
    assert!(home.gold_text() == gold);
    home.ask("rebuild --back").expect(0).says(&["logic version 1", "as it stands"]);
    let told = home.ok("version --store");
    assert!(told.contains("generation 0, folded by logic version 1,"), "{told}");
    // This version counts anew, under a number that none had.
    home.verify_equal();
    assert!(home.gold_text() == gold);
    let folded = format!("generation 2, folded by logic version {LOGIC_VERSION}");
    assert!(home.ok("version --store").contains(&folded));
}

#[test]
fn a_kept_generation_whose_time_is_over_is_removed_while_it_runs_or_by_the_next_start() {
    let home = Home::new();
    write(&home, 5, 30);
    home.ok("run shop --once");
    home.ok("rebuild --keep-old 1s");
    eventually("its time is over", || match home.ok("version --store") {
        told if !told.contains("kept") => Ok(()),
        // Only looked at: a start removes it.
        told => {
            home.ok("status");
            Err(told)
        }
    });
    home.verify_equal();
}

#[test]
fn a_rebuild_that_is_given_up_leaves_what_was_served_as_it_is() {
    let home = large();
    let gold = home.gold_text();
    home.ask("rebuild --abandon").expect(1).says(&["no rebuild is under way"]);
    let rebuild = home.start("rebuild");
    eventually("it is under way", || match rebuild.said() {
        said if said.contains("counting all rows again") => Ok(()),
        said => Err(said),
    });
    rebuild.kill();
    home.ask("rebuild --abandon").expect(0).says(&["generation 1 is given up"]);
    assert!(home.ok("version --store").contains("store: generation 0, "));
    home.verify_equal();
    assert!(home.gold_text() == gold);
    let mut running = home.start("run shop").ready();
    let told = home.start("rebuild");
    eventually("it is under way", || match running.status()["rebuild"].clone() {
        Value::Null => Err("not yet".to_owned()),
        _ => Ok(()),
    });
    running.post("/api/v1/rebuild?abandon=true", "");
    let (code, said) = told.wait();
    assert!(code == Some(1) && said.contains("nothing was replaced"), "{code:?} {said}");
    eventually("none is under way", || match running.status()["rebuild"].clone() {
        Value::Null => Ok(()),
        under_way => Err(under_way.to_string()),
    });
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    assert!(home.gold_text() == gold);
}
