//! Where settings come from: flag > environment > goldstream.toml > default.

use crate::harness::home::{DATA, Home};
use crate::harness::process::wait_for_end;
use crate::harness::shop::write;

/// The data directory that is used where these three name one.
fn check(file: Option<&str>, environment: Option<&str>, flag: Option<&str>, expected: &str) {
    let home = Home::new();
    write(&home, 2, 2);
    if let Some(dir) = file {
        home.write("goldstream.toml", format!("data_dir = \"{dir}\"\n"));
    }
    let line = flag.map_or(String::new(), |dir| format!("--data-dir {dir} "));
    let mut command = home.command(&format!("{line}run shop --once"));
    if let Some(dir) = environment {
        command.env("GOLDSTREAM_DATA_DIR", dir);
    }
    wait_for_end(command.spawn().unwrap(), "run").expect(0);
    for dir in ["by-file", "by-environment", "by-flag", DATA] {
        let stands = home.path(dir).join("goldstream.redb").is_file();
        assert_eq!(stands, dir == expected, "{dir} of {file:?} {environment:?} {flag:?}");
    }
}

#[test]
fn a_flag_comes_before_the_environment_before_the_file_before_the_default() {
    let (file, environment, flag) = (Some("by-file"), Some("by-environment"), Some("by-flag"));
    check(file, environment, flag, "by-flag");
    check(file, environment, None, "by-environment");
    check(file, None, flag, "by-flag");
    check(file, None, None, "by-file");
    check(None, environment, None, "by-environment");
    check(None, None, None, DATA);
}

#[test]
fn a_settings_file_may_have_any_name_and_must_hold_settings() {
    let home = Home::new();
    write(&home, 2, 2);
    home.write("conf/my.toml", "data_dir = \"mine\"\npartitions = 3\nrate = \"100000/s\"\n");
    home.ok("run shop --once --config conf/my.toml");
    assert!(home.path("mine/goldstream.redb").is_file());
    let status = home.ok("status --data-dir mine");
    assert!(status.contains("silver/2") && !status.contains("silver/3"), "{status}");
    home.write("wrong.toml", "data_dri = \"mine\"\n");
    home.ask("run shop --once --config wrong.toml").expect(2).says(&["wrong.toml", "data_dri"]);
    home.ask("run shop --once --config none.toml").expect(2).says(&["none.toml"]);
}

#[test]
fn how_far_ahead_a_purchase_may_lie_is_set_once_and_kept_with_the_store() {
    let home = Home::new();
    let far = "1,7,2109-12-09,5,Pen\n2,7,2024-03-01,5,Pen\n";
    home.write("achats.csv", crate::harness::shop::PURCHASES.to_owned() + far);
    home.ok("run --purchases achats.csv --once --future-days 80000");
    assert_eq!(home.accounting().accepted_purchases, 2);
    home.verify_equal();
    // Another one would judge the same rows otherwise.
    let other = home.ask("run --purchases achats.csv --once --future-days 366").expect(1);
    other.says(&["future_days: 80000", "future_days: 366"]);
    let usual = Home::new();
    usual.write("achats.csv", crate::harness::shop::PURCHASES.to_owned() + far);
    usual.ok("run --purchases achats.csv --once");
    assert_eq!(usual.accounting().quarantined["purchases.bad_date"], 1);
    usual.verify_equal();
}

#[test]
fn an_empty_environment_variable_is_an_unset_one() {
    let home = Home::new();
    write(&home, 2, 2);
    let mut command = home.command("run shop --once");
    for name in [
        "RATE",
        "PARTITIONS",
        "KAFKA",
        "REDIS",
        "DATA_DIR",
        "PREFIX",
        "LISTEN",
        "TOKEN",
        "TOKEN_FILE",
        "INSTANCE",
        "REDIS_PASSWORD_FILE",
        "AUDIT_CPU_PERCENT",
        "CURRENCY",
        "DEMO",
        "REPLICATION",
        "CONFIG",
    ] {
        command.env(format!("GOLDSTREAM_{name}"), "");
    }
    let child = command.spawn().unwrap();
    crate::harness::process::wait_for_end(child, "run shop --once").expect(0);
    assert_eq!(home.accounting().rows(), 4);
}

#[test]
fn values_that_are_none_are_refused_as_usage() {
    let home = Home::new();
    write(&home, 2, 2);
    for (line, word) in [
        ("run shop --rate quick", "quick"),
        ("run shop --rate 0", "0"),
        ("run shop --partitions 0", "--partitions"),
        ("run shop --partitions many", "many"),
        ("run shop --listen nowhere", "nowhere"),
        ("run shop --currency pounds", "as EUR or GBP"),
        ("run shop --log verbose", "debug"),
        ("run shop --once --follow", "--follow"),
        ("run shop --demo", "--demo"),
        ("generate --out x --dirt 101", "101"),
        ("generate --out x --customer-count shop/clients.csv", "files are for goldstream run"),
        ("generate --out x --customers shop/clients.csv", "--customer-count <COUNT>"),
        ("run --customers 50", "generate --customer-count 50"),
        ("run shop --purchases 500", "generate --purchase-count 500"),
        ("produce --customers 50", "generate --customer-count 50"),
        ("export nothing", "nothing"),
        ("export gold --format xml", "xml"),
        ("dance", "dance"),
    ] {
        home.ask(line).expect(2).says(&[word]);
    }
    assert!(!home.path(DATA).exists(), "a refused command made a store");
}

#[test]
fn the_log_is_lines_for_people_or_json_for_programs() {
    let home = Home::new();
    write(&home, 2, 2);
    let said = home.ask("run shop --once --log-format json").expect(0).stderr;
    for line in said.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["level"].is_string() && event["timestamp"].is_string(), "{line}");
    }
    assert!(said.contains("files read to their ends"), "{said}");
    let failed = home.ask("run nowhere --once --log-format json").expect(2).stderr;
    let last: serde_json::Value = serde_json::from_str(failed.lines().last().unwrap()).unwrap();
    assert_eq!(last["level"], "ERROR");
    home.ask("run shop --once --log-format xml").expect(2).says(&["xml"]);
}
