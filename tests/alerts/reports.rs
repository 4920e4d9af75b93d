//! Reports that are sent each week or month: to a server that speaks SMTP, whatever is killed meanwhile.

use super::mail::{encrypted, ids, wait_for_mails};
use super::{SILENCE, kill_at_any_moment, post_refused_rows, purchase};
use crate::harness::draw::Draw;
use crate::harness::home::{DATA, Home};
use crate::harness::pages::{blocks, text as page};
use crate::harness::port::free_port;
use crate::harness::process::Running;
use crate::harness::shop::PURCHASES;
use crate::harness::wait::eventually;
use goldstream_alerts::schedule::{Due, Every, On, Reports, Rhythm};
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::language::Language;
use goldstream_domain::moment::{Day, Moment};
use goldstream_notify::testing::certificates::Certificates;
use goldstream_notify::testing::smtp::{Setup, SmtpServer, Taken};
use goldstream_platform::clock::local_now;
use goldstream_platform::documents::Documents;
use goldstream_platform::embedded::Embedded;
use lopdf::Document;
use std::process::Command;
use tokio::runtime::Runtime;

const DAY_MINUTES: i64 = 1_440;

/// How often the tests' shops are sent one.
const WEEKLY: Rhythm = Rhythm { every: Every::Week, hour: 0 };

/// Reports and alerts by a server at this port.
fn write_settings(home: &Home, port: u16, certificates: &Certificates, report: &str) {
    home.write("password", "open sesame\n");
    let ca = certificates.text("ca.pem");
    home.write(
        "goldstream.toml",
        format!(
            "[mail]\nserver = \"127.0.0.1:{port}\"\nfrom = \"goldstream@shop.example\"\nuser = \"shop\"\n\
             password_file = \"password\"\nca_file = \"{ca}\"\n\
             [[alerts.to]]\nemail = \"owner@shop.example\"\n[alerts.silence]\nenabled = false\n\
             [report]\nto = [\"owner@shop.example\"]\nlanguage = \"en\"\n{report}"
        ),
    );
}

/// A shop that has sold three things a day for ten weeks, each day more.
fn write_shop(home: &Home) {
    let of_day = |days_ago: i64| (0..3).map(move |number| (days_ago * 3 + number, days_ago));
    let rows = (0..70).flat_map(of_day).map(|(number, days_ago)| {
        let row = purchase(number as u64, days_ago * DAY_MINUTES + 1);
        row.replace("12.50", &format!("{}.50", 1_000 - days_ago))
    });
    home.write("shop/achats.csv", PURCHASES.to_owned() + &rows.collect::<String>());
}

/// What stands in the store of a shop that has had reports sent for two months.
fn of_two_months() -> String {
    let since = Moment(local_now().0 - 60 * DAY_MINUTES * 60);
    let on = Some(On { every: Every::Week, since });
    serde_json::to_string(&Reports { on, ..Reports::new("shop") }).unwrap()
}

/// A shop whose last report is due and was not sent, for nothing ran then.
fn write_shop_that_was_down(home: &Home) {
    write_shop(home);
    home.ok("run shop --once");
    let store = Embedded::open(&home.path(DATA), None).unwrap();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(Documents::replace(&store, "reports", 0, of_two_months())).unwrap();
    store.close().unwrap();
}

/// The id of the last report that was due.
fn last_due() -> Due {
    Due::last(WEEKLY, local_now()).unwrap()
}

/// What its file says, its spaces made plain.
fn printed(mail: &Taken) -> String {
    let (name, pdf) = mail.file().expect("a file comes with it");
    assert!(name.starts_with("goldstream-20") && name.ends_with(".pdf"), "{name}");
    assert!(mail.data.contains("Content-Type: application/pdf"), "{}", mail.data);
    let document = Document::load_mem(&pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    plain(&document.extract_text(&pages).unwrap())
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What these days brought, as the API has it, in words of the report.
fn revenue(running: &mut Running, (from, to): (Day, Day), language: Language) -> String {
    let path = format!("/api/v1/days?from={from}&to={to}&format=ndjson");
    let rows = running.get(&path);
    let days = rows.lines().map(|row| serde_json::from_str::<DayReport>(row).unwrap());
    plain(&language.money(days.map(|row| row.revenue_cents).sum(), "EUR"))
}

fn trouble(running: &mut Running) -> serde_json::Value {
    running.status()["troubles"]["report owner@shop.example"].clone()
}

#[test]
fn a_report_that_is_due_is_sent_once_whatever_is_killed_and_has_the_figures_of_the_api() {
    let mut draw = Draw::announced("reports");
    let (home, certificates) = (Home::new(), Certificates::new());
    let server = SmtpServer::start(encrypted(&certificates));
    write_settings(&home, server.port(), &certificates, "every = \"week\"\nhour = 0\n");
    write_shop_that_was_down(&home);
    let due = last_due();
    kill_at_any_moment(&home, &mut draw, 12_000);
    let mut running = home.start("run shop").ready();
    let [sent] = &wait_for_mails(&server, 1)[..] else { panic!() };
    assert_eq!(*sent, format!("<shop.report.week.{}@shop.example>", due.on));
    let mail = server.taken().remove(0);
    assert!(mail.encrypted && mail.field("Subject").unwrap().starts_with("Report of the shop: "));
    let (file, days) = (printed(&mail), due.days().unwrap());
    let before = (Day(days.0.0 - 7), Day(days.1.0 - 7));
    for range in [days, before] {
        let revenue = revenue(&mut running, range, Language::En);
        assert!(file.contains(&revenue), "{revenue} of {range:?} is not in {file}");
    }
    assert!(file.contains("Alerts Nothing was to be told."), "{file}");
    running.kill();
    // Had there been a report more it would have come before something new.
    let mut running = home.start("run shop").ready();
    post_refused_rows(&mut running);
    let all = wait_for_mails(&server, 2);
    assert_eq!(all[0], *sent);
    assert!(all[1].contains(".quarantine_share."), "{all:?}");
    home.verify_equal();
}

#[test]
fn a_server_that_is_down_for_a_while_gets_the_report_later() {
    let (home, certificates, port) = (Home::new(), Certificates::new(), free_port());
    write_settings(&home, port, &certificates, "every = \"week\"\nhour = 0\n");
    write_shop_that_was_down(&home);
    let mut running = home.start("run shop").ready();
    eventually("it is said that the report cannot be sent", || {
        let trouble = trouble(&mut running);
        let says = trouble.as_str().is_some_and(|it| it.contains("does not answer"));
        if says { Ok(()) } else { Err(trouble.to_string()) }
    });
    let server = SmtpServer::start_at(port, encrypted(&certificates));
    let all = wait_for_mails(&server, 1);
    assert!(all[0].contains(".report.week."), "{all:?}");
    eventually("it is well again", || {
        let trouble = trouble(&mut running);
        if trouble.is_null() { Ok(()) } else { Err(trouble.to_string()) }
    });
}

#[test]
fn of_two_servers_of_one_store_one_sends_the_report() {
    let certificates = Certificates::new();
    let home = Home::on_servers("reports");
    let server = SmtpServer::start(encrypted(&certificates));
    write_settings(&home, server.port(), &certificates, "every = \"week\"\nhour = 0\n");
    write_shop(&home);
    home.ok("run shop --once");
    let key = format!("{}:0:{{documents}}:reports", home.variable("GOLDSTREAM_PREFIX"));
    let stored = Command::new("redis-cli")
        .args(["-u", home.variable("GOLDSTREAM_REDIS"), "HSET", &key, "revision", "1", "text"])
        .arg(of_two_months())
        .output()
        .expect("there is no redis-cli; `make setup` sees to it");
    assert_eq!(String::from_utf8(stored.stdout).unwrap().trim(), "2");
    let mut running = home.start("run shop").ready();
    let _serving = home.start("serve").ready();
    wait_for_mails(&server, 1);
    // By the time that this has come both have looked.
    post_refused_rows(&mut running);
    let all = wait_for_mails(&server, 2);
    assert!(all[0].contains(".report.week.") && all[1].contains(".quarantine_share."), "{all:?}");
    let taken = server.taken();
    assert_eq!(taken.len(), ids(&taken).len(), "each came once");
}

#[test]
fn the_shop_of_the_demo_is_sent_its_week_on_monday_at_its_hour_once_its_rows_are_read() {
    let certificates = Certificates::new();
    let server = SmtpServer::start(encrypted(&certificates));
    // A Monday, by the shop's own clock.
    let home = Home::new().with("GOLDSTREAM_DEMO_NOW", "2026-11-30T06:59:20");
    let report = "every = \"week\"\nhour = 7\n";
    write_settings(&home, server.port(), &certificates, report);
    let mut running = home.start_over(&format!("{DATA}/demo"), "run --demo").ready();
    let sent = wait_for_mails(&server, 1);
    assert!(sent[0].contains(".report.week.2026-11-30@"), "{sent:?}");
    let file = printed(&server.taken()[0]);
    let week = ["2026-11-23", "2026-11-29"].map(|day| Day::parse(day).unwrap());
    let revenue = revenue(&mut running, week.into(), Language::En);
    let days = "From 23 November 2026 to 29 November 2026, against 16 November 2026";
    assert!(file.contains(days) && file.contains(&revenue), "{revenue}: {file}");
}

#[test]
fn the_settings_and_the_command_of_the_page_send_a_report_and_a_first_start_sends_none() {
    let certificates = Certificates::new();
    let login = Some(("goldstream@shop.example", "open sesame"));
    let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"));
    let server = SmtpServer::start(Setup { login, ..Setup::encrypted(&certificate, &key) });
    let all = blocks(&page("docs/report.md"));
    let settings = all.iter().find(|block| block.language == "toml").unwrap();
    // What stands for a shop's own server.
    let (shown, port) = ("\"smtp.example:587\"", server.port());
    assert!(settings.text.contains(shown));
    let own = |ca: &str| format!("\"127.0.0.1:{port}\"\nca_file = \"{}\"", certificates.text(ca));
    let home = Home::new();
    home.write("mail-password", "open sesame");
    home.write("goldstream.toml", settings.text.replace(shown, &own("ca.pem")));
    write_shop(&home);
    home.ok("run shop --once");
    // While none runs, and while one does.
    let said = home.ok("report --send");
    assert_eq!(said, "report owner@shop.example: sent\n");
    let mut running = home.start("run shop").ready();
    home.ok("report --send --verify");
    let [first, second] = &wait_for_mails(&server, 2)[..] else { panic!() };
    assert!(first.contains("report.test.") && second.contains("report.test."), "{first} {second}");
    let taken = server.taken();
    assert!(printed(&taken[0]).contains("Pas encore vérifié"), "{}", printed(&taken[0]));
    let file = printed(&taken[1]);
    let due = Due::last(Rhythm { hour: 7, ..WEEKLY }, local_now()).unwrap();
    let revenue = revenue(&mut running, due.days().unwrap(), Language::Fr);
    assert!(file.contains(&revenue) && file.contains("Vérifié : égal"), "{revenue}: {file}");
    running.kill();
    home.write("goldstream.toml", settings.text.replace(shown, &own("other.pem")));
    let said = home.ask("report --send").expect(3).stdout;
    assert!(said.contains("report owner@shop.example: ") && said.contains("not trusted"), "{said}");
    home.write("goldstream.toml", SILENCE);
    home.ask("report --send").expect(2).says(&["no [report]"]);
    home.ask("report --send --period 7d").expect(2).says(&["--period"]);
}
