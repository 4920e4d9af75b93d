//! Sales that stop within a day: the last whole hour against the same hour of the weeks before.

use super::mail::{ids, wait_for_mails, write_settings};
use super::{incidents, post_refused_rows, purchase, wait_for};
use crate::harness::home::Home;
use crate::harness::shop::{PURCHASES, append};
use goldstream_domain::moment::Hour;
use goldstream_notify::testing::certificates::Certificates;
use goldstream_notify::testing::smtp::SmtpServer;

const WEEK_MINUTES: i64 = 7 * 1_440;

/// Hours of eight purchases are enough, from their end on.
const RULE: &str = "[alerts.sales_drop]\nhourly = true\norders_min = 8\nfrom_minute = 0\n";

/// Eight purchases, all of them made that long ago.
fn eight(first: u64, minutes_ago: i64) -> String {
    (first..first + 8).map(|number| purchase(number, minutes_ago)).collect()
}

/// A shop that has sold in this hour and in the one before for eight weeks, and today but once, just now. Whichever
/// of the two ends while a test looks, it is a bad one.
fn write_stopped_shop(home: &Home) {
    let hours = (1..=8).flat_map(|weeks| [(weeks, 60), (weeks, 0)]);
    let past = hours.zip(0..).map(|((weeks, more), n)| eight(n * 8, weeks * WEEK_MINUTES + more));
    let past: String = past.collect();
    home.write("shop/achats.csv", PURCHASES.to_owned() + &past + &purchase(900, 0));
}

#[test]
fn an_hour_whose_sales_stop_gives_one_mail_and_one_more_when_it_is_well_whatever_is_killed() {
    let (home, certificates) = (Home::new(), Certificates::new());
    let server = SmtpServer::start(super::mail::encrypted(&certificates));
    write_settings(&home, server.port(), &certificates, ("ca.pem", RULE));
    write_stopped_shop(&home);
    let mut running = home.start("run shop").ready();
    let stopped = wait_for(&mut running, "sales_drop", "open");
    let hour = Hour::parse(stopped["figures"]["hour"].as_str().unwrap()).unwrap();
    assert_eq!(stopped["id"], format!("sales_drop:{hour}"));
    assert_eq!(
        (&stopped["figures"]["weeks"], &stopped["figures"]["percent"]),
        (&8.into(), &50.into())
    );
    assert_eq!(stopped["figures"]["median_cents"], 10_000);
    let day = hour.day().to_string();
    assert!(stopped["link"].as_str().unwrap().ends_with(&format!("&to={day}")), "{stopped}");
    assert!(stopped["message"].as_str().unwrap().contains("Ventes en baisse"), "{stopped}");
    running.kill();
    let mut running = home.start("run shop").ready();
    let [opened] = &wait_for_mails(&server, 1)[..] else { panic!() };
    assert!(opened.contains(&format!(".sales_drop.{hour}.opened@")), "{opened}");
    // The till was only late with its rows.
    append(&home.path("shop/achats.csv"), eight(910, 60) + &eight(920, 0));
    wait_for(&mut running, "sales_drop", "resolved");
    running.kill();
    let mut running = home.start("run shop").ready();
    wait_for_mails(&server, 2);
    // Had there been a mail more it would have come before that of something new.
    post_refused_rows(&mut running);
    let all = wait_for_mails(&server, 3);
    assert_eq!(all[1], opened.replace(".opened@", ".resolved@"));
    assert!(all[2].contains(".quarantine_share."), "{all:?}");
    assert_eq!(ids(&server.taken()).len(), 3);
    home.verify_equal();
}

#[test]
fn no_hour_is_looked_at_where_that_is_not_wished() {
    let home = Home::new();
    let rule = RULE.replace("hourly = true", "hourly = false");
    home.write("goldstream.toml", format!("{rule}[[alerts.to]]\nbrowser = true\n"));
    write_stopped_shop(&home);
    let mut running = home.start("run shop").ready();
    // What is noticed later than an hour would have been.
    post_refused_rows(&mut running);
    wait_for(&mut running, "quarantine_share", "open");
    let all = incidents(&mut running);
    assert!(all.iter().all(|it| it["rule"] != "sales_drop"), "{all:?}");
}
