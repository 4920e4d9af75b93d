//! Topics that an administrator makes and changes: what is told of them, and when nothing may go on.

use super::team::Team;
use crate::harness::broker::{delete_topic, make_topics, produce, set, set_partitions};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::servers::OwnRedis;
use crate::harness::shop::{self, PURCHASES, append, lines, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

fn purchase(number: u64) -> (String, String) {
    let value = format!(
        r#"{{"purchase_id":"n{number}","customer_id":1,"purchased_at":"2024-03-01","amount":1,"product":"Pen"}}"#
    );
    (format!("n{number}"), value)
}

fn topic(home: &Home, name: &str) -> String {
    format!("{}.{name}", home.variable("GOLDSTREAM_PREFIX"))
}

/// Waits until the status has all these words.
fn tells(running: &mut Running, words: &[&str]) -> serde_json::Value {
    eventually(&format!("the status tells {words:?}"), || {
        let status = running.get("/api/v1/status");
        let told = words.iter().all(|word| status.contains(word));
        if told { Ok(serde_json::from_str(&status).unwrap()) } else { Err(status) }
    })
}

fn get(running: &mut Running, path: &str) -> (u16, String) {
    http::get(&format!("http://{}{path}", running.address())).unwrap()
}

#[test]
fn partitions_that_are_added_stop_what_writes_and_what_stands_in_them_is_lag() {
    let home = Home::on_servers("grows");
    write(&home, 5, 50);
    let mut running = home.start("run shop").ready();
    running.counts(55);
    let purchases = topic(&home, "bronze.purchases");
    set_partitions(&purchases, 8);
    let told = [&*purchases, "has 8 partitions, but 4 are wanted", "--prefix"];
    tells(&mut running, &told);
    let (code, why) = get(&mut running, "/readyz");
    assert_eq!(code, 503, "{why}");
    assert!(told.iter().all(|word| why.contains(word)), "{why}");
    assert!(get(&mut running, "/metrics").1.contains("goldstream_troubles"));

    // All that comes now waits: half of it where nobody reads.
    produce(&purchases, &(0..40).map(purchase).collect::<Vec<_>>());
    let status = eventually("what waits is lag", || {
        let status = running.status();
        if status["lag"]["records"] == 40 { Ok(status) } else { Err(status["lag"].to_string()) }
    });
    let positions = status["positions"].as_array().unwrap();
    assert!(positions.iter().any(|at| at["partition"] == "bronze.purchases/7"), "{positions:?}");
    let url = format!("http://{}/api/v1/purchases", running.address());
    let (code, why) =
        http::post(&url, "application/json", r#"{"id_achat":"p","id_client":"1"}"#).unwrap();
    assert_eq!(code, 503, "{why}");
    assert!(why.contains("has 8 partitions") && why.contains("nothing was taken"), "{why}");

    // The numbers are shown as they stand, files are not read on, and nobody starts again.
    append(&home.path("shop/achats.csv"), lines(shop::purchase, 50..60));
    assert_eq!(running.accounting().rows(), 55);
    running.signal("TERM");
    let (code, said) = running.wait();
    assert_eq!(code, Some(0), "{said}");
    home.ask("run shop --once").expect(1).says(&["has 8 partitions", "--prefix"]);
}

#[test]
fn every_role_notices_that_silver_has_grown() {
    let home = Home::on_servers("roles");
    write(&home, 5, 50);
    let mut team = Team::start(&home, &["serve"]);
    let producer = home.start("produce shop --follow");
    let consumer = home.start("consume all");
    team.server().counts(55);
    set_partitions(&topic(&home, "silver"), 5);
    let sentence = "silver has 5 partitions, but 4 are wanted";
    tells(team.server(), &[sentence]);
    let (code, said) = producer.wait();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(sentence), "{said}");
    eventually("the consumer says it", || {
        let said = consumer.said();
        if said.contains(sentence) { Ok(()) } else { Err(said) }
    });
    assert_eq!(consumer.end("TERM"), Some(0), "it waits to be told");
}

#[test]
fn a_topic_that_is_deleted_is_told_and_the_numbers_stay() {
    let home = Home::on_servers("deleted");
    write(&home, 5, 50);
    let mut running = home.start("run shop").ready();
    running.counts(55);
    let silver = topic(&home, "silver");
    delete_topic(&silver);
    tells(&mut running, &[&silver, "is not there any more"]);
    let (code, why) = get(&mut running, "/readyz");
    assert_eq!(code, 503, "{why}");
    assert!(why.contains(&silver), "{why}");
    assert_eq!(running.accounting().rows(), 55);
    assert_eq!(running.end("TERM"), Some(0));
}

const KEPT: [&str; 2] = ["retention.ms=-1", "retention.bytes=-1"];

#[test]
fn what_an_administrator_set_otherwise_is_told_with_what_mends_it_until_it_is_mended() {
    let home = Home::on_servers("settings");
    write(&home, 2, 10);
    let prefix = home.variable("GOLDSTREAM_PREFIX").to_owned();
    make_topics(&prefix, 4, &KEPT);
    let told = home.ask("doctor").expect(3).stdout;
    let small = told.lines().filter(|line| line.starts_with("mend") && line.contains("4194304"));
    assert_eq!(small.count(), 4, "{told}");
    let said = home.ask("produce shop").expect(0).stderr;
    assert!(said.contains("max.message.bytes=1048588") && said.contains("kafka-configs"), "{said}");

    for name in ["bronze.customers", "silver", "quarantine"] {
        set(&topic(&home, name), "max.message.bytes=4194304");
    }
    let purchases = topic(&home, "bronze.purchases");
    let mut running = home.start("run shop").ready();
    let status = tells(&mut running, &[&format!("settings of {purchases}: max.message.bytes")]);
    assert_eq!(status["troubles"].as_object().unwrap().len(), 1, "{}", status["troubles"]);
    assert_eq!(get(&mut running, "/readyz").0, 200, "its numbers are right");
    set(&purchases, "max.message.bytes=4194304");
    set(&topic(&home, "silver"), "retention.ms=60000");
    let status = tells(&mut running, &["has retention.ms=60000", "kafka-configs"]);
    assert_eq!(status["troubles"].as_object().unwrap().len(), 1, "the other is mended");
    running.counts(12);
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn topics_that_take_no_write_or_drop_rows_are_refused_at_the_start() {
    for (setting, why) in [
        ("min.insync.replicas=2", "no write will ever be taken"),
        ("cleanup.policy=compact", "for ever"),
    ] {
        let home = Home::on_servers("unfit");
        write(&home, 2, 10);
        make_topics(home.variable("GOLDSTREAM_PREFIX"), 4, &[KEPT[0], KEPT[1], setting]);
        for line in ["run shop --once", "produce shop", "serve"] {
            home.ask(line).expect(1).says(&[setting, why, "kafka-configs"]);
        }
        assert!(home.ask("doctor").expect(3).stdout.contains(setting));
    }
}

#[test]
fn copies_that_topics_lack_are_told_though_the_file_asks_for_them() {
    let home = Home::on_servers("copies");
    write(&home, 2, 10);
    home.ok("produce shop");
    std::fs::write(home.path("goldstream.toml"), "replication = 3\n").unwrap();
    let told = home.ask("doctor").expect(3).stdout;
    assert!(told.contains("goldstream.toml, where no flag or variable"), "{told}");
    let few = told.lines().filter(|line| line.contains("(1, not --replication 3)"));
    assert_eq!(few.count(), 4, "{told}");
    std::fs::write(home.path("goldstream.toml"), "partitions = 0\n").unwrap();
    home.ask("doctor").expect(2).says(&["--partitions", "goldstream.toml"]);
}

/// A text that no packing makes much smaller.
fn noise(bytes: usize) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut draw = Draw::announced("noise");
    (0..bytes).map(|_| char::from(LETTERS[draw.below(LETTERS.len() as u64) as usize])).collect()
}

/// A row of control characters, which grow six-fold as JSON, and one behind it.
fn swollen() -> String {
    let long = "\u{1}".repeat(256_000);
    format!("{PURCHASES}1,7,never,10,{long}\n2,7,2024-03-01,10,Pen\n")
}

#[test]
fn a_row_that_grows_beyond_what_its_topic_takes_is_judged_as_any_other() {
    let home = Home::on_servers("swollen");
    home.write("achats.csv", swollen());
    make_topics(home.variable("GOLDSTREAM_PREFIX"), 4, &KEPT);
    let said = home.ask("run --once --purchases achats.csv").expect(0).stderr;
    assert!(!said.contains("damaged"), "{said}");
    let accounting = home.accounting();
    assert_eq!(accounting.accepted_purchases, 1);
    assert_eq!(accounting.quarantined["purchases.bad_date"], 1);
    home.verify_equal();
    let embedded = Home::new();
    embedded.write("achats.csv", swollen());
    embedded.ok("run --once --purchases achats.csv");
    assert!(home.gold_text() == embedded.gold_text(), "gold is that of one process");
}

/// 1,500 purchases, then twenty long ones of which ten are too large for a small topic, each with one behind it.
fn oversize() -> String {
    let mut text = PURCHASES.to_owned() + &lines(shop::purchase, 0..1500);
    for number in 0..20 {
        let product = noise(if number % 2 == 0 { 200_000 } else { 20_000 });
        text += &format!("L{number},C1,2024-03-01,10,{product}\n");
        text += &shop::purchase(2000 + number);
    }
    text
}

fn make_small_topics(home: &Home) {
    let settings = [KEPT[0], KEPT[1], "max.message.bytes=100000"];
    make_topics(home.variable("GOLDSTREAM_PREFIX"), 2, &settings);
}

#[test]
fn kills_among_rows_that_are_cut_cost_none_and_count_none_twice() {
    let home = Home::on_servers("cut");
    home.write("achats.csv", oversize());
    make_small_topics(&home);
    let mut counted = 0;
    while counted < 1540 {
        let mut running =
            home.start("run --purchases achats.csv --partitions 2 --rate 600").ready();
        eventually("some more rows are counted", || {
            let now = running.accounting().rows();
            if now > counted || now == 1540 { Ok(()) } else { Err(now.to_string()) }
        });
        counted = running.accounting().rows();
        running.kill();
    }
    home.ok("run --once --purchases achats.csv --partitions 2");
    let accounting = home.accounting();
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (1530, 0));
    assert_eq!(accounting.quarantined["purchases.malformed"], 10);
    home.verify_equal();
}

#[test]
fn a_row_that_no_packing_makes_fit_is_quarantined_cut_and_those_around_it_are_counted() {
    let redis = OwnRedis::start();
    let home = Home::on(servers::kafka(), redis.url(), "oversize");
    home.write("achats.csv", oversize());
    make_small_topics(&home);
    home.ok("run --once --purchases achats.csv --partitions 2");
    let counted = home.gold_text();
    let accounting = home.accounting();
    assert_eq!((accounting.accepted_purchases, accounting.rows()), (1530, 1540));
    assert_eq!(accounting.quarantined["purchases.malformed"], 10);
    home.verify_equal();
    let refused = home.ok("export quarantine");
    assert!(refused.contains("L0"), "its beginning is kept");
    assert!(refused.contains("the log takes no record of 2000"), "why, and how large it was");

    // A restart knows them for what they are, also where it has nothing but bronze to go by.
    home.ok("run --once --purchases achats.csv --partitions 2");
    assert!(home.gold_text() == counted, "nothing is read again");
    redis.flush();
    home.ok("run --once --purchases achats.csv --partitions 2");
    assert!(home.gold_text() == counted, "it is the same file");
    append(&home.path("achats.csv"), format!("L99,C1,2024-03-01,10,{}\n", noise(200_000)));
    home.ok("run --once --purchases achats.csv --partitions 2");
    assert_eq!(home.accounting().quarantined["purchases.malformed"], 11);
    assert_eq!(home.accounting().duplicate_purchases, 0);
    home.verify_equal();
    let said = home.ok("verify --purchases achats.csv");
    assert!(said.ends_with("files: all 1541 rows stand in bronze\n"), "{said}");
}

#[test]
fn a_posted_row_that_its_topic_does_not_take_is_a_413_and_nothing_was_taken() {
    let home = Home::on_servers("posted");
    make_small_topics(&home);
    let mut running = home.start("run --partitions 2").ready();
    let url = format!("http://{}/api/v1/purchases", running.address());
    let post = |id: &str, product: &str| {
        let row = |id: &str, product: &str| {
            serde_json::json!({"id_achat": id, "id_client": "1", "date_achat": "2024-03-01",
                "montant": "1", "produit": product})
        };
        let rows = serde_json::json!([row(&format!("{id}-small"), "Pen"), row(id, product)]);
        http::post(&url, "application/json", &rows.to_string()).unwrap()
    };
    let (code, why) = post("large", &noise(200_000));
    assert_eq!(code, 413, "{why}");
    assert!(why.contains("max.message.bytes") && why.contains("nothing was taken"), "{why}");
    let (code, receipt) = post("even", &"x".repeat(200_000));
    assert_eq!(code, 202, "{receipt}");
    assert_eq!(running.counts(2).accepted_purchases, 2);
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
}
