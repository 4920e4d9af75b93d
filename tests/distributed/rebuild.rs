//! `rebuild` on servers: a silver that is lost or damaged is made again from bronze, which is not touched.

use crate::harness::broker::{delete_topic, produce, set_partitions, topics};
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::wait::eventually;
use std::collections::BTreeSet;

/// A counted shop, and what must be there again.
struct Counted {
    home: Home,
    gold: String,
    bronze: String,
    refused: usize,
}

impl Counted {
    fn new(name: &str) -> Self {
        let home = Home::on_servers(name);
        home.ok("generate --out shop --customer-count 100 --purchase-count 3000 --dirt 5");
        home.ok("run shop --once");
        let (gold, bronze) = (home.gold_text(), home.ok("export bronze"));
        let refused = home.ok("export quarantine --format ndjson").lines().count();
        assert!(refused > 10, "the shop has refused rows");
        Self { home, gold, bronze, refused }
    }

    fn prefix(&self) -> &str {
        self.home.variable("GOLDSTREAM_PREFIX")
    }

    fn topic(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix())
    }

    /// All is counted again as it was, and nothing was read again or lost.
    fn is_whole_again(&self) {
        self.home.ok("run shop --once");
        self.home.verify_equal();
        assert!(self.home.gold_text() == self.gold, "gold is what it was, accounting included");
        assert!(self.home.ok("export bronze") == self.bronze, "bronze is untouched");
        let refused = self.home.ok("export quarantine --format ndjson").lines().count();
        assert_eq!(refused, self.refused, "the quarantine has each refused row once");
    }
}

fn epoch(serving: &mut Running) -> String {
    let gold: serde_json::Value = serde_json::from_str(&serving.get("/api/v1/gold")).unwrap();
    gold["epoch"].as_str().unwrap().to_owned()
}

#[test]
fn garbage_in_every_silver_partition_halts_gold_and_a_rebuild_counts_all_again() {
    let counted = Counted::new("garbage");
    let home = &counted.home;
    let mut serving = home.start("serve").ready();
    let before = epoch(&mut serving);
    let producing = home.start("produce shop --follow");
    let garbage: Vec<_> = (0..40).map(|key| (format!("k{key}"), "no event".to_owned())).collect();
    produce(&counted.topic("silver"), &garbage);
    let mut running = home.start("run shop");
    eventually("all shards of gold stand still and say why", || {
        let status = running.get("/api/v1/status");
        let halted = status.matches("no goldstream wrote").count();
        if halted >= 4 { Ok(()) } else { Err(status) }
    });
    // Who writes would write on, where it is done in place.
    home.ask("rebuild --in-place --yes").expect(1).says(&["still at work", "nothing was removed"]);
    // Beside it garbage does not matter, and what halted is over with what it halted on.
    home.ask("rebuild").expect(0).says(&["all rows are counted again"]);
    eventually("nothing stands still any more", || {
        let status = running.get("/api/v1/status");
        if status.contains("no goldstream wrote") { Err(status) } else { Ok(()) }
    });
    assert_eq!(running.end("TERM"), Some(0));
    home.ask("rebuild --in-place").expect(1).says(&["--yes"]);
    home.ask("rebuild --in-place --yes").expect(0).says(&["the rows stay", "start the consumers"]);
    counted.is_whole_again();
    // A server that ran through all of it tells that it is another store.
    eventually("the server has the new store", || {
        let (now, gold) = (epoch(&mut serving), serving.gold());
        let whole: serde_json::Value = serde_json::from_str(&counted.gold).unwrap();
        let is_whole = serde_json::to_value(&gold.accounting).unwrap() == whole["accounting"];
        if now != before && is_whole { Ok(()) } else { Err(now) }
    });
    assert_eq!(serving.end("TERM"), Some(0));
    assert_eq!(producing.end("TERM"), Some(0), "nothing of it was touched");
}

#[test]
fn partitions_that_were_added_to_silver_are_taken_back_by_a_rebuild() {
    let counted = Counted::new("added");
    let (home, topic) = (&counted.home, counted.topic("silver"));
    set_partitions(&topic, 6);
    home.ask("run shop --once").expect(1).says(&[&topic, "has 6 partitions"]);
    home.ok("rebuild --yes");
    counted.is_whole_again();
}

#[test]
fn a_topic_that_follows_from_bronze_and_is_gone_is_made_by_nothing_but_a_rebuild() {
    for lost in ["silver", "quarantine"] {
        let counted = Counted::new("lost");
        let (home, topic) = (&counted.home, counted.topic(lost));
        delete_topic(&topic);
        let left: BTreeSet<_> = eventually("the topic is gone", || {
            let left = topics(counted.prefix());
            if left.contains(&topic) { Err(format!("{left:?}")) } else { Ok(left) }
        });
        for line in [
            "status",
            "verify",
            "export gold",
            "export bronze",
            "quarantine list",
            "load shop/achats.csv",
            "consume all",
            "consume silver",
            "consume gold",
            "serve",
            "produce shop",
            "run shop --once",
        ] {
            home.ask(line).expect(1).says(&[&topic, "goldstream rebuild"]);
        }
        let told = home.ask("doctor").expect(3).stdout;
        let mend = told.lines().find(|line| line.contains(&topic) && line.starts_with("mend"));
        assert!(mend.is_some_and(|line| line.contains("goldstream rebuild")), "{told}");
        assert_eq!(topics(counted.prefix()), left, "nobody has made one");
        home.ok("rebuild --yes");
        counted.is_whole_again();
    }
}

#[test]
fn a_topic_of_rows_that_is_gone_is_not_made_anew_and_no_rebuild_helps() {
    let counted = Counted::new("norows");
    let (home, topic) = (&counted.home, counted.topic("bronze.customers"));
    delete_topic(&topic);
    eventually("the topic is gone", || {
        let left = topics(counted.prefix());
        if left.contains(&topic) { Err(format!("{left:?}")) } else { Ok(()) }
    });
    for line in ["status", "serve", "run shop --once", "rebuild --yes"] {
        home.ask(line).expect(1).says(&[&topic, "--prefix"]);
    }
    assert!(!topics(counted.prefix()).contains(&topic));
}

#[test]
fn a_question_to_an_emptied_store_makes_none() {
    let redis = crate::harness::servers::OwnRedis::start();
    let home = Home::on(goldstream_platform::conformance::servers::kafka(), redis.url(), "emptied");
    crate::harness::shop::write(&home, 5, 50);
    home.ok("run shop --once");
    redis.flush();
    for line in ["status", "verify", "export gold"] {
        home.ask(line).expect(1).says(&["redis", "nothing", "consume"]);
    }
    home.ok("run shop --once");
    home.verify_equal();
    assert_eq!(home.accounting().rows(), 55);
}

#[test]
fn a_rebuild_that_is_killed_at_any_step_is_refused_by_every_start_and_finished_by_another() {
    let counted = Counted::new("killed");
    let home = &counted.home;
    let mut refused = 0;
    for step in [
        "the rows stay",
        "what was counted is removed",
        "quarantine are removed",
        "quarantine are made anew",
    ] {
        let rebuild = home.start("rebuild --in-place --yes");
        eventually(step, || {
            let said = rebuild.said();
            if said.contains(step) { Ok(()) } else { Err(said) }
        });
        rebuild.kill();
        let answer = home.ask("status");
        // It was killed before it had removed anything, or after all was done.
        if answer.code == Some(0) {
            continue;
        }
        answer.expect(1).says(&["has not ended", "goldstream rebuild", "bronze is whole"]);
        for line in ["consume all", "serve", "produce shop", "run shop --once", "verify"] {
            home.ask(line).expect(1).says(&["has not ended", "goldstream rebuild"]);
        }
        let told = home.ask("doctor").expect(3).stdout;
        assert!(told.contains("goldstream rebuild again"), "{told}");
        refused += 1;
    }
    assert!(refused > 0, "no step was left half done");
    home.ok("rebuild --yes");
    counted.is_whole_again();
    // And once more over a store that is whole.
    home.ok("rebuild --in-place --yes");
    counted.is_whole_again();
}
