//! Generations on servers: what an older version has folded is served until its rows are counted again beside it;
//! old and new processes work side by side, and the way back is open.

use super::scene::Scene;
use crate::harness::broker::{members, topics};
use crate::harness::chaos;
use crate::harness::draw::Draw;
use crate::harness::feed::Feed;
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::servers::OwnRedis;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;
use goldstream_platform::topology::LOGIC_VERSION;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

/// What this version is told to be, to stand for the one before.
const BEFORE: (&str, &str) = ("GOLDSTREAM_LOGIC_VERSION", "1");

/// Starts `goldstream LINE` of the version before.
fn start_before(home: &Home, line: &str) -> Running {
    let mut command = home.command(line);
    command.env(BEFORE.0, BEFORE.1);
    home.run(command)
}

/// What it answers, where it must succeed.
fn ok_before(home: &Home, line: &str) -> String {
    let output = home.command(line).env(BEFORE.0, BEFORE.1).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn redis(home: &Home, words: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    command.args(["-u", home.variable("GOLDSTREAM_REDIS")]).args(words);
    let output = command.output().expect("there is no redis-cli; `make setup` sees to it");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Takes a cent from a stored month of the first generation: which, and what it had.
fn spoil(home: &Home) -> (String, i64) {
    for shard in 0..4 {
        let key = format!("{}:0:{{gold/{shard}}}:months", home.variable("GOLDSTREAM_PREFIX"));
        let Some(month) = redis(home, &["HKEYS", &key]).lines().next().map(str::to_owned) else {
            continue;
        };
        let row = redis(home, &["HGET", &key, &month]);
        let stored: Value = serde_json::from_str(&row).unwrap();
        let cents = stored["revenue_cents"].as_i64().unwrap();
        let spoiled = row.replace(
            &format!("\"revenue_cents\":{cents}"),
            &format!("\"revenue_cents\":{}", cents - 1),
        );
        redis(home, &["HSET", &key, &month, &spoiled]);
        return (month, cents);
    }
    panic!("no month is stored");
}

/// What is served, and what is beside it.
fn generations(home: &Home) -> (u64, Option<u64>, Option<u64>) {
    let key = format!("{}:generations", home.variable("GOLDSTREAM_PREFIX"));
    let ledger: Value = serde_json::from_str(&redis(home, &["GET", &key])).unwrap_or(json!({}));
    let number = |it: &Value| it["number"].as_u64();
    let kept = number(&ledger["kept"]["generation"]);
    (number(&ledger["served"]).unwrap_or(0), number(&ledger["next"]), kept)
}

fn revenue_of_all_months(running: &mut Running) -> i64 {
    let gold: Value = serde_json::from_str(&running.get("/api/v1/gold")).unwrap();
    gold["months"].as_array().unwrap().iter().map(|it| it["revenue_cents"].as_i64().unwrap()).sum()
}

fn epoch(running: &mut Running) -> String {
    running.status()["epoch"].as_str().unwrap().to_owned()
}

/// Waits until that generation is served.
fn serves(running: &mut Running, generation: u64) {
    eventually(&format!("generation {generation} is served"), || {
        let version: Value = serde_json::from_str(&running.get("/version")).unwrap();
        let is_served = version["store"]["generation"] == json!(generation);
        if is_served { Ok(()) } else { Err(version.to_string()) }
    });
}

/// Waits until no consumer stands in the groups of a generation any more.
fn is_left(home: &Home, generation: u64) {
    let scope = match generation {
        0 => String::new(),
        number => format!("-g{number}"),
    };
    for stage in ["silver", "gold"] {
        let group = format!("{}{scope}-{stage}-4", home.variable("GOLDSTREAM_PREFIX"));
        eventually(&format!("{group} is left"), || {
            let members = members(&group);
            if members.is_empty() { Ok(()) } else { Err(format!("{members:?}")) }
        });
    }
}

fn ends_well(running: Running) {
    running.signal("TERM");
    let (code, said) = running.wait();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_an_older_version_folded_is_served_until_its_rows_are_counted_again() {
    let home = Home::on_servers("older");
    home.ok("generate --out shop --customer-count 200 --purchase-count 20000 --dirt 5");
    ok_before(&home, "run shop --once");
    let gold = home.gold_text();
    let (_, cents) = spoil(&home);
    assert!(cents > 0);
    let mut serving = home.start("serve").ready();
    let wrong = revenue_of_all_months(&mut serving);
    let before = epoch(&mut serving);
    let mut feed = Feed::connect(&serving.address());
    assert_eq!(feed.next()["op"], "hello");
    feed.send(&json!({ "op": "subscribe", "id": "main", "views": { "accounting": {} } }));
    assert_eq!(feed.next()["epoch"], json!(before));
    // One stage alone counts nothing to the end, and nothing is replaced by a part.
    let silver = home.start("consume silver");
    eventually("silver has read all rows again", || {
        let rebuild = serving.status()["rebuild"].clone();
        if rebuild["percent"] == 100 { Ok(()) } else { Err(rebuild.to_string()) }
    });
    assert_eq!((revenue_of_all_months(&mut serving), epoch(&mut serving)), (wrong, before.clone()));
    let told = serving.status()["rebuild"].clone();
    let wanted = (&json!(1), &json!(LOGIC_VERSION));
    assert_eq!((&told["generation"], &told["logic_version"]), wanted, "{told}");
    let gold_stage = home.start("consume gold");
    serves(&mut serving, 1);
    eventually("the spoiled month is right", || match revenue_of_all_months(&mut serving) {
        right if right == wrong + 1 => Ok(()),
        other => Err(other.to_string()),
    });
    let told = eventually("the feed begins the new epoch by itself", || {
        let message = feed.next();
        let is_new = message["op"] == "snapshot" && message["epoch"] != json!(before);
        if is_new { Ok(message) } else { Err(message.to_string()) }
    });
    assert_eq!(told["epoch"], json!(epoch(&mut serving)), "one new epoch");
    assert_eq!(serving.status()["rebuild"], Value::Null);
    for running in [silver, gold_stage, serving] {
        assert_eq!(running.end("TERM"), Some(0));
    }
    assert!(home.gold_text() == gold);
    home.verify_equal();
    assert!(home.ok("version --store").contains("generation 0, folded by logic version 1 is kept"));
}

#[test]
fn old_and_new_processes_work_side_by_side_and_the_way_back_is_open() {
    let home = Home::on_servers("rolling");
    write(&home, 20, 500);
    let producing = start_before(&home, "produce shop --follow");
    let old_consumer = start_before(&home, "consume all");
    let mut old_server = start_before(&home, "serve").ready();
    old_server.counts(520);
    let more = |range: std::ops::Range<u64>| {
        append(&home.path("shop/achats.csv"), lines(purchase, range));
    };
    let mut new_server = home.start("serve").ready();
    let new_consumer = home.start("consume all");
    more(500..700);
    for server in [&mut old_server, &mut new_server] {
        serves(server, 1);
        server.counts(720);
    }
    let (mut old, mut new) = (old_server.gold(), new_server.gold());
    assert_eq!(old.months, new.months, "both show what the store says is served");
    eventually("the old consumer says that it has nothing to do", || {
        let status = new_server.get("/api/v1/status");
        if status.contains("have nothing to do") { Ok(()) } else { Err(status) }
    });
    more(700..900);
    old_server.counts(920);
    // An old one that starts now is refused, and told the way.
    let refused = home.command("consume all").env(BEFORE.0, BEFORE.1).output().unwrap();
    let refused = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.contains("newer than this one") && refused.contains("--back"), "{refused}");
    // Back: the old consumer, which still runs, folds on, and takes what has come meanwhile.
    home.ask("rebuild --back").expect(0).says(&["generation 0 is served"]);
    more(900..1000);
    for server in [&mut old_server, &mut new_server] {
        serves(server, 0);
        server.counts(1020);
    }
    (old, new) = (old_server.gold(), new_server.gold());
    assert_eq!((old.months, old.days), (new.months, new.days));
    // A new consumer that comes again does not begin the upgrade by itself.
    is_left(&home, 1);
    ends_well(new_consumer);
    let new_consumer = home.start("consume all");
    eventually("it says that it has nothing to do", || {
        let status = new_server.get("/api/v1/status");
        if status.contains("have nothing to do") { Ok(()) } else { Err(status) }
    });
    assert_eq!(generations(&home), (0, None, Some(1)));
    // And forth again, when somebody wishes it.
    home.ask("rebuild").expect(0).says(&["generation 2 is served"]);
    serves(&mut new_server, 2);
    new_server.counts(1020);
    is_left(&home, 0);
    for running in [old_consumer, producing, old_server, new_server, new_consumer] {
        ends_well(running);
    }
    home.verify_equal();
    assert_eq!(home.accounting().rows(), 1020);
}

#[test]
fn a_rebuild_whose_consumers_are_killed_at_any_moment_counts_each_row_once() {
    let scene = Scene::of(Home::on_servers("killed"), 300, 20_000, 11);
    let home = &scene.home;
    home.ok("run shop --once");
    let mut draw = Draw::announced("a rebuild under kills");
    let mut consumers = vec![home.start("consume all"), home.start("consume all")];
    let mut serving = home.start("serve").ready();
    let mut begun = 0;
    for _ in 0..chaos::times(20) {
        if generations(home).1.is_none() {
            home.ask("rebuild --keep-old 0s").expect(0);
            begun += 1;
            // What is killed is in the middle of the next one.
            let wish = home.start("rebuild --keep-old 0s");
            std::thread::sleep(Duration::from_millis(draw.below(600)));
            wish.kill();
        }
        std::thread::sleep(Duration::from_millis(draw.below(900)));
        let place = draw.below(2) as usize;
        consumers.remove(place).kill();
        consumers.push(home.start("consume all"));
        assert_eq!(
            serving.accounting(),
            scene.accounting(),
            "what is served is whole at any moment"
        );
    }
    assert!(begun > 0);
    eventually("the last one is over", || match generations(home) {
        (_, None, _) => Ok(()),
        other => {
            let status = serving.status();
            Err(format!("{other:?} {} {}", status["rebuild"], status["troubles"]))
        }
    });
    is_left(home, generations(home).0 - 1);
    for running in consumers.into_iter().chain([serving]) {
        ends_well(running);
    }
    home.verify_equal();
    assert_eq!(home.accounting(), scene.accounting());
    let embedded = Home::new();
    embedded.ok(&format!("run {} --once", home.path("shop").display()));
    assert!(home.gold_text() == embedded.gold_text(), "gold is that of one process");
}

#[test]
fn without_consumers_it_waits_for_them_is_given_up_or_asked_for_through_the_api() {
    let home = Home::on_servers("waits");
    write(&home, 10, 200);
    home.ok("run shop --once");
    home.ask("rebuild").expect(0).says(&["no process runs the silver stage", "goldstream consume"]);
    assert_eq!(generations(&home), (0, Some(1), None));
    home.ask("rebuild --back").expect(1).says(&["a rebuild is under way"]);
    home.ask("rebuild --abandon").expect(0).says(&["is given up"]);
    home.ask("rebuild --abandon").expect(1).says(&["no rebuild is under way"]);
    home.ask("rebuild --back").expect(1).says(&["no generation is kept"]);
    let mut running = home.start("run shop").ready();
    running.post("/api/v1/rebuild?keep_old_ms=0", "");
    serves(&mut running, 2);
    running.counts(210);
    eventually("nothing is left of the ones before", || {
        let left = topics(home.variable("GOLDSTREAM_PREFIX"));
        let names: Vec<_> = left.iter().filter_map(|name| name.split_once('.')).collect();
        let derived = names.iter().filter(|(_, name)| !name.starts_with("bronze")).count();
        if derived == 2 { Ok(()) } else { Err(format!("{left:?}")) }
    });
    let left = redis(
        &home,
        &["--scan", "--pattern", &format!("{}:0:{{gold*", home.variable("GOLDSTREAM_PREFIX"))],
    );
    assert_eq!(left, "");
    assert_eq!(running.end("TERM"), Some(0));
    home.verify_equal();
    home.ok("reset --yes");
    let left = redis(
        &home,
        &["--scan", "--pattern", &format!("{}:*", home.variable("GOLDSTREAM_PREFIX"))],
    );
    assert_eq!((left.as_str(), topics(home.variable("GOLDSTREAM_PREFIX")).len()), ("", 0));
}

#[test]
fn a_store_that_was_rebuilt_and_emptied_is_counted_again_under_a_number_of_its_own() {
    let own = OwnRedis::start();
    let home = Home::on(servers::kafka(), own.url(), "flushed");
    write(&home, 10, 300);
    let mut running = home.start("run shop").ready();
    running.counts(310);
    home.ok("rebuild");
    serves(&mut running, 1);
    own.flush();
    serves(&mut running, 2);
    append(&home.path("shop/achats.csv"), lines(purchase, 300..320));
    running.counts(330);
    assert_eq!(running.end("TERM"), Some(0));
    own.flush();
    home.ok("run shop --once");
    home.verify_equal();
    assert_eq!(home.accounting().rows(), 330);
}

#[test]
fn a_store_of_a_later_version_is_refused_by_name_where_its_rows_cannot_be_read() {
    let home = Home::on_servers("later");
    write(&home, 5, 50);
    home.ok("run shop --once");
    home.ok("rebuild");
    home.ok("run shop --once");
    let key = format!("{}:generations", home.variable("GOLDSTREAM_PREFIX"));
    let ledger = redis(&home, &["GET", &key]);
    let mut later: Value = serde_json::from_str(&ledger).unwrap();
    later["served"]["topology"]["logic_version"] = json!(999);
    later["served"]["topology"]["form_version"] = json!(99);
    later["written_by"] = json!("9.9.9");
    let mut serving = home.start("serve").ready();
    redis(&home, &["SET", &key, &later.to_string()]);
    eventually("who serves says it, and is not ready", || {
        let (code, why) =
            crate::harness::http::get(&format!("http://{}/readyz", serving.address())).unwrap();
        if code == 503 && why.contains("9.9.9") { Ok(()) } else { Err(why) }
    });
    assert_eq!(serving.end("TERM"), Some(0));
    for line in ["serve", "consume all", "run shop --once", "export gold", "verify", "rebuild"] {
        home.ask(line).expect(1).says(&["9.9.9", "newer than this one"]);
    }
    let told = home.ok("version --store");
    let own = format!("logic version {LOGIC_VERSION}");
    assert!(told.contains("999") && told.contains("9.9.9") && told.contains(&own), "{told}");
}
